# shellcheck shell=bash
# The plug is pulled at random moments of a provision, a change, a rollback and an uninstall: the disk's next
# boot has the old or the new state, no empty file, and serves if it is a server then.
scenario() {
    local number
    # seed=N in the environment: the same moments again, as far as a machine can.
    seed=${seed:-$EPOCHSECONDS} RANDOM=$seed
    say "seed=$seed"
    boot server
    files[bare]=$(own_files server)
    on server sh -c 'timectl profile show missing-link | sed "s/\"interval_s\": 60/\"interval_s\": 90/" >/root/other.json'
    for ((number = 0; number < cuts; number++)); do cut_in "${operations[number % 4]}"; done
    say "$(printf '%s\n' 'operation  cut after  found  what it had said last' "${rows[@]}")"
}

# Each begins where the one before it ends: NAME FROM TO COMMAND.
operations=(
    'provision bare first timectl provision --role server --yes'
    'change first second timectl provision --role server --yes --profile /root/other.json'
    'rollback second first timectl rollback --yes'
    'uninstall first bare timectl uninstall --yes'
)
# What each state looks like, as soon as it is known; how long an operation took, or may take.
declare -A files=() lasts=([provision]=40 [change]=10 [rollback]=10 [uninstall]=20)
rows=() vouched=''

cut_in() {
    local operation from to after said found
    read -r operation from to command <<<"$1"
    after=$((RANDOM % lasts[$operation]))
    # shellcheck disable=SC2086  # words
    begin server $command
    try_for "$after" has_ended server || true
    said=$(said_last)
    kill_host server

    boot server
    expect_within 180 is_settled
    found=$(own_files server)
    expect_no_empty_file "$found"
    if [ "$found" = "${files[$from]}" ]; then
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
    *) expect_ok on server $command ;;
    esac
    lasts[$1]=$((SECONDS - started + 1))
    expect_same "${files[$2]:-$(own_files server)}" "$(own_files server)"
    files[$2]=$(own_files server)
    if [ "$2" != bare ]; then vouch_once; fi
}

# Its operator sets the RTC as soon as there is a server.
vouch_once() {
    if [ -n "$vouched" ]; then return; fi
    expect_ok on server timectl rtc register
    vouch server
    vouched=1
}

expect_serving() {
    if [ "$1" = bare ]; then return; fi
    vouch_once
    expect_serves server "$island" 120
}

# Of what is timectl's; its lock never has anything in it.
expect_no_empty_file() {
    expect_same '' "$(grep "$(md5sum </dev/null)" <<<"$1" || true)"
    expect_same '' "$(on server sh -c 'find /var/lib/timectl -type f -empty ! -name lock 2>/dev/null || true')"
}
