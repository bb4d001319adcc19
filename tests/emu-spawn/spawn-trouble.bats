load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$PWD/tmp
	mkdir tmp
}

# complain TEXT: runs an emulator that cannot start, and gives emu-spawn's line.
complain() {
	printf '%s\n' "$1" >said
	run --separate-stderr timeout 60 emu-spawn -C . sh -c 'cat said >&2; exit 1'
	[ "$status" -eq 1 ]
	[ "${stderr_lines[0]}" = "$1" ]
	said=${stderr_lines[1]#emu-spawn: sh: exit status 1, no output: }
}

@test "QEMU that cannot start is told with its own last line" {
	need qemu-system-x86_64
	run --separate-stderr timeout 20 emu-spawn qemu-system-x86_64 -machine nonesuch
	[ "$status" -eq 1 ]
	[[ ${stderr_lines[-1]} = 'emu-spawn: qemu-system-x86_64: exit status 1, no output: '* ]]
	[[ ${stderr_lines[-1]} = *"${stderr_lines[-2]}" ]]
	run --separate-stderr timeout 20 emu-spawn qemu-system-x86_64 -kernel nowhere
	[[ ${stderr_lines[-1]} = *'could not load kernel'* || ${stderr_lines[-1]} = *nowhere* ]]
}

@test "who listens on a forwarded port is told" {
	need socat
	timeout 60 socat TCP-LISTEN:0,fork,bind=127.0.0.1 - </dev/null 3>&- &
	port() {
		ss -tlnpH | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=$(pgrep -P "$1"),.*/\1/p"
	}
	listens() {
		[ -n "$(port "$1")" ]
	}
	wait_until listens $!
	line="qemu: -netdev user,id=n: Could not set up host forwarding rule 'tcp::$(port $!)-:22'"
	complain "$line"
	[ "$said" = "$line; tcp port $(port $!) is held by $(pgrep -P $!) (socat)" ]
	kill $!
}

@test "a port that nobody listens on is not explained" {
	for rule in tcp::1-:22 udp::1-:22 tcp:x tcp::-:22 '' ::: tcp::99999999999-:1 -; do
		line="qemu: Could not set up host forwarding rule '$rule'"
		complain "$line"
		[ "$said" = "$line" ]
	done
}

@test "who holds the tap is told" {
	line='qemu: could not configure /dev/net/tun (emu-none): Device or resource busy'
	complain "$line"
	[ "$said" = "$line; tap emu-none" ]
	# Without its name, anybody's, if there is one.
	line='qemu: could not open /dev/net/tun: Device or resource busy'
	complain "$line"
	[[ $said = "$line; /dev/net/tun"?(" is held by "*) ]]
	# The rest needs the right to make an interface.
	need ip qemu-system-x86_64
	tap=emu$((RANDOM))
	ip tuntap add dev "$tap" mode tap 2>/dev/null || return 0
	q=(timeout 60 qemu-system-x86_64 -S -nodefaults -display none
		-netdev "tap,id=n,ifname=$tap,script=no,downscript=no")
	"${q[@]}" 2>/dev/null 3>&- &
	# shellcheck disable=SC2016 # expanded there
	wait_until bash -c 'grep -qs "$1" /proc/[0-9]*/fdinfo/*' - "$tap"
	run --separate-stderr emu-spawn "${q[@]:2}"
	kill $!
	wait $! || true
	ip tuntap del dev "$tap" mode tap
	[ "$status" -eq 1 ]
	[[ ${stderr_lines[-1]} =~ "; tap $tap is held by "[0-9]+" (qemu-system-x86)"$ ]]
}

# cgroup LIMIT: makes a cgroup of memory whose processes are named in $group/cgroup.procs.
cgroup() {
	local root=/sys/fs/cgroup limit=memory.max
	if [ -d $root/memory ]; then
		root=$root/memory limit=memory.limit_in_bytes
	else
		echo +memory >$root/cgroup.subtree_control || return 1
	fi 2>/dev/null
	group=$root/emu-test-$BASHPID
	mkdir "$group" 2>/dev/null || return 1
	echo "$1" >"$group/$limit"
}

@test "that the kernel killed the emulator because its cgroup's memory ran out is said" {
	outside_valgrind
	group=
	cgroup 64M || skip 'no cgroup of memory can be made here'
	run --separate-stderr timeout 60 sh -c 'echo $$ >"$0"/cgroup.procs; exec "$@"' "$group" \
		emu-spawn -o record awk 'BEGIN { s = "x"; while (1) s = s s }'
	wait_until rmdir "$group"
	[ "$status" -eq 137 ]
	[ "$stderr" = 'emu-spawn: awk: died of signal 9 (Killed); the kernel killed it: the memory of its cgroup ran out' ]
	jq -e '.cause == "signal" and .signal == 9' record
	# And by somebody else it is not.
	run -137 --separate-stderr timeout 60 emu-spawn sh -c 'kill -9 $$'
	[ "$stderr" = 'emu-spawn: sh: died of signal 9 (Killed)' ]
}
