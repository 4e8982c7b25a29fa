# shellcheck shell=bash
# The plug is pulled in the middle of something, and the disk is booted again: for the scenarios of power cuts.
# An operation is one line, NAME FROM TO COMMAND: begun where the machine is in state FROM, it leads to TO.

# Ticks so far apart that each has its block of history (lib/history/block.hpp) written to the disk, and a record of
# the RTC with it. No host has such months; their writes are what the plug is pulled at.
month='while :; do
    date --set="+19 hours" && timectl rtc set && timectl monitor && echo "sees $(date --iso-8601)"
done'
# What each state looks like, as soon as it is known; how long an operation took, or may take.
declare -A files=() lasts=([provision]=40 [change]=10 [rollback]=10 [monitor]=40 [uninstall]=20)
rows=() validated=''

# begin_cuts: from now on. seed=N in the environment: the same moments again, as far as a machine can.
begin_cuts() {
    seed=${seed:-$EPOCHSECONDS} RANDOM=$seed
    say "seed=$seed"
    on server sh -c 'timectl profile show missing-link | sed "s/\"interval_s\": 60/\"interval_s\": 90/" >/root/other.json'
    on server tee /root/month <<<"$month" >/dev/null
    on server sync
}

# cut_in OPERATION: at a random moment; what is found after the next boot is one of $rows.
cut_in() {
    local operation from to after said found remembered
    read -r operation from to command <<<"$1"
    after=$((RANDOM % lasts[$operation]))
    remembered=$(blocks_of_history)
    # shellcheck disable=SC2086  # words
    begin server "${console[@]}" $command
    # Each question costs the machine, too, which is slow enough.
    pause=1 try_for "$after" has_ended server || true
    said=$(said_last)
    remembered=$((remembered + $(ticks_said)))
    kill_host server

    boot server
    pause=3 expect_within 400 is_settled
    found=$(own_files server)
    expect_no_empty_file "$found"
    if [ "$operation" = monitor ]; then
        expect_same "${files[$from]}" "$found"
        expect_serving "$from"
        expect_remembered "$remembered"
        found=same
    elif [ "$found" = "${files[$from]}" ]; then
        expect_serving "$from"
        found=old
        complete "$operation" "$to"
    else
        # A state not seen yet is the new one if nothing is left to do.
        if [ -z "${files[$to]:-}" ]; then expect_nothing_to_do; fi
        expect_same "${files[$to]:-$found}" "$found"
        files[$to]=$found found=new
        expect_serving "$to"
    fi
    rows+=("$(printf '%-9s %8d s  %-5s  %s' "$operation" "$after" "$found" "${said:-(no step yet)}")")
    say "${rows[-1]}"
}

# Its last step; the plan has other lines.
said_last() { on server sh -c 'grep -E "^[a-z]+s " /run/begun.said | tail -n 1'; }

blocks_of_history() { on server sh -c 'cat /var/lib/timectl/history/* 2>/dev/null | wc -c' | awk '{ print int($1 / 1024) }'; }
# A tick writes down what those before it saw.
ticks_said() { on server sh -c 'grep -c "^sees" /run/begun.said || true' | awk '{ said = $1 } END { print (said > 1 ? said - 1 : 0) }'; }
expect_remembered() {
    local found
    found=$(blocks_of_history)
    [ "$found" -ge "$1" ] || fail "$1 blocks of history were on the disk, $found are left"
    say "$found blocks of history, of at least $1"
    expect_ok on server timectl history --since 52w
    expect_trust server trusted
}

expect_nothing_to_do() {
    local plan=${command/ provision / plan }
    # shellcheck disable=SC2086
    expect_ok on server ${plan/ --yes/}
}

# Whatever was undone has come to its end, packages included.
is_settled() {
    on server sh -c '! test -e /etc/systemd/system/timectl-recover.service && systemctl is-system-running | grep -xE "running|degraded"'
}

# complete OPERATION TO: the same without a cut.
complete() {
    local started=$SECONDS
    # shellcheck disable=SC2086
    case $1 in
    provision | change) provision server ${command#*--yes} ;;
    *) expect_ok on server "${console[@]}" $command ;;
    esac
    lasts[$1]=$((SECONDS - started + 1))
    expect_same "${files[$2]:-$(own_files server)}" "$(own_files server)"
    files[$2]=$(own_files server)
    if [ "$2" != bare ]; then validate_once; fi
}

# Its operator sets the RTC as soon as there is a server.
validate_once() {
    if [ -n "$validated" ]; then return; fi
    expect_ok on server timectl rtc register
    validate server
    validated=1
}

expect_serving() {
    if [ "$1" = bare ]; then return; fi
    validate_once
    expect_serves server "$island" 120
}

# Of what is timectl's; its lock never has anything in it, and the note beside it is not synced.
expect_no_empty_file() {
    expect_same '' "$(grep "$(md5sum </dev/null)" <<<"$1" || true)"
    expect_same '' "$(on server sh -c 'find /var/lib/timectl -type f -empty ! -name lock ! -name '*lock.holder*' 2>/dev/null || true')"
}

say_rows() { say "$(printf '%s\n' 'operation  cut after  found  what it had said last' "${rows[@]}")"; }
