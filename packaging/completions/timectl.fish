# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of timectl in fish: timectl itself says what may come next.

function __timectl_candidates
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path (commandline -ct)
            case :directories
                __fish_complete_directories (commandline -ct) ''
            case '*'
                printf '%s\n' $line
        end
    end
end
complete -c timectl -f -k -a '(__timectl_candidates)'
