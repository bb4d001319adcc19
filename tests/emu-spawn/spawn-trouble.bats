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
	wait_until test -n "$(sleep 0.3; port $!)"
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
