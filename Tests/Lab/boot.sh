#!/usr/bin/env bash
# Boots one machine from nothing but its network: firmware in QEMU, bootwire the only server.
#   boot.sh [FIRMWARE]      one of guest.sh's, or all: each of them, and a table of their times
#     UNPRIVILEGED=1        bootwire under the unit's user and capabilities
#     CAPTURE=FILE          records the machine's network, for tcpdump and Wireshark
#     LIMIT=SECONDS         how long it may take
# Succeeds only when bootwire itself has recorded the machine's report and every step before it;
# prints the boot's timeline, and replays the boot from bootwire's own recording of it.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/guest.sh
. "$(dirname "$0")/guest.sh"
[ "${1:-}" != all ] || exec "$TOP/Tests/Lab/boot-all.sh"

name=${1:-bios}
firmware "$name" tap0
configure
provide "$name"
lab_up
tap tap0
if [ -n "${UNPRIVILEGED:-}" ]; then serve_as_unit || exit 1; else serve || exit 1; fi
[ -z "${CAPTURE:-}" ] || record "$CAPTURE"
watch_boots tap0

echo "A $name machine is switched on; bootwire is process $server_pid$([ -z "${UNPRIVILEGED:-}" ] || echo ", user $NOBODY")."
power_on "$name"
await_reports "$name"
status=$?
[ -z "${CAPTURE:-}" ] || end_record
end_watch
show_boot "$name"
[ "$status" != 0 ] || replay_boots || status=1
# For boot-all.sh: firmware, seconds to script, kernel, report, and from power-on to report.
[ -z "${RESULTS:-}" ] || echo "$name $(after "$name" 'script.rendered|menu.rendered .*program=(pxelinux|grub|u-boot)') \
$(after "$name" '(file.served|transfer.completed) .*file=[^ ]*linux ') $(after "$name" machine.reported) ${took[$name]}" >>"$RESULTS"
exit "$status"
