# shellcheck shell=bash
# The plug is pulled at random moments of a provision, a change, a rollback, a month of monitoring and an uninstall:
# the disk's next boot has the old or the new state, no empty file, what was remembered, and serves if it is a server.
scenario() {
    local number
    boot server
    begin_cuts
    files[bare]=$(own_files server)
    for ((number = 0; number < cuts; number++)); do cut_in "${operations[number % ${#operations[@]}]}"; done
    say_rows
}

# Each begins where the one before it ends.
operations=(
    'provision bare first timectl provision --role server --yes'
    'change first second timectl provision --role server --yes --profile /root/other.json'
    'rollback second first timectl rollback --yes'
    'monitor first first sh /root/month'
    'uninstall first bare timectl uninstall --yes'
)
