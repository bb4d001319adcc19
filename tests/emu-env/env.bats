load ../lib

@test "env tells botanist's name and address" {
	run emu-env <<<'{"target": "x64"}'
	[ "$status" -eq 0 ]
	[ "$output" = 'FUCHSIA_NODENAME=step-atom-yard-juicy
FUCHSIA_IPV6_ADDR=fe80::5054:ff:fe63:5e7a%qemu
FUCHSIA_DEVICE_ADDR=fe80::5054:ff:fe63:5e7a%qemu
EMU_MAC=52:54:00:63:5e:7a
EMU_TAP=qemu' ]
}

@test "env tells the second style of names" {
	run emu-env <<<'{"target": "x64", "nodename_style": 1}'
	[ "${lines[0]}" = FUCHSIA_NODENAME=fuchsia-5254-0063-5e7a ]
}

@test "env tells the name that every machine of a later flavor has" {
	run emu-env <<<'{"flavor": "2024"}'
	[ "${lines[0]}" = FUCHSIA_NODENAME=botanist-target-qemu ]
	run emu-env <<<'{"flavor": "2024", "nodename": "mine"}'
	[ "${lines[0]}" = FUCHSIA_NODENAME=mine ]
}

@test "env tells of the first network device, and the tap that it is on" {
	run emu-env <<<'{"guest": "linux", "netdevs": [{"backend": "tap", "ifname": "t0", "mac": "52:54:00:00:00:01"}]}'
	[ "$output" = 'FUCHSIA_NODENAME=bleak-drone-acid-acid
FUCHSIA_IPV6_ADDR=fe80::5054:ff:fe00:1%t0
FUCHSIA_DEVICE_ADDR=fe80::5054:ff:fe00:1%t0
EMU_MAC=52:54:00:00:00:01
EMU_TAP=t0' ]
}

@test "env tells the serial socket in the scratch directory, or the document's" {
	EMU_SCRATCH=/s run emu-env <<<'{"user_networking": true}'
	[[ "$output" = *$'\nFUCHSIA_SERIAL_SOCKET=/s/serial.sock\n'* ]]
	EMU_SCRATCH=/s run emu-env <<<'{"serial_socket": "/t.sock"}'
	[[ "$output" = *$'\nFUCHSIA_SERIAL_SOCKET=/t.sock\n'* ]]
}

@test "env and argv agree about an automatic address, and runs differ" {
	document='{"mac": "auto", "target": "x64", "cpu": 1, "memory": 64, "images": [
		{"name": "qemu-kernel", "type": "kernel", "path": "k"},
		{"name": "zircon-a", "type": "zbi", "path": "z"}]}'
	for s in /a /b; do
		export EMU_SCRATCH=$s
		eval "$(emu-env <<<"$document" | grep '^EMU_')"
		words=$(emu-argv -s <<<"$document")
		[[ "$words" = *"mac=$EMU_MAC"* ]]
		[[ "$words" = *"ifname=$EMU_TAP,"* ]]
		printf '%s\n' "$EMU_MAC" >>"$BATS_TEST_TMPDIR/macs"
	done
	[ "$(sort -u "$BATS_TEST_TMPDIR/macs" | wc -l)" -eq 2 ]
}

@test "env runs a command with the variables, and without what the machine has not" {
	echo '{"user_networking": true, "ssh_key": "id"}' >"$BATS_TEST_TMPDIR/d.json"
	cd "$BATS_TEST_TMPDIR"
	FUCHSIA_IPV4_ADDR=stale run emu-env d.json sh -c \
		'echo "$FUCHSIA_NODENAME $FUCHSIA_SSH_KEY ${FUCHSIA_IPV4_ADDR-none}"; exit 7'
	[ "$status" -eq 7 ]
	[ "$output" = "step-atom-yard-juicy $PWD/id none" ]
}

@test "env fails like env(1)" {
	echo '{}' >"$BATS_TEST_TMPDIR/d.json"
	cd "$BATS_TEST_TMPDIR"
	expect_error 127 'emu-env: ./none: No such file or directory' emu-env d.json ./none
	expect_error 126 'emu-env: ./d.json: Permission denied' emu-env d.json ./d.json
	expect_error 125 'emu-env: none.json: No such file or directory' emu-env none.json
	expect_error 125 'emu-env: <stdin>: mac: 01:02:03:04:05:06 is a multicast address' \
		emu-env <<<'{"mac": "01:02:03:04:05:06"}'
	expect_error 125 'emu-env: <stdin>: mac: "auto" is made from EMU_SCRATCH, which is not set: run it under emu-scratch' \
		emu-env <<<'{"mac": "auto"}'
	for bad in guest mac nodename ssh_key; do
		expect_error 125 "emu-env: <stdin>: $bad: expected a string" emu-env <<<"{\"$bad\": 5}"
	done
	expect_error 125 'emu-env: <stdin>: user_networking: expected true or false' \
		emu-env <<<'{"user_networking": 5}'
	expect_error 125 'emu-env: <stdin>: netdevs: expected an array' emu-env <<<'{"netdevs": 5}'
	expect_error 125 'emu-env: <stdin>: netdevs[0].mac: expected a string' \
		emu-env <<<'{"netdevs": [{"mac": 5}]}'
	expect_error 125 'emu-env: <stdin>: mac: expected six pairs of hex digits between colons, or "auto"' \
		emu-env <<<'{"mac": "52:54:00:63:5e:7"}'
	run emu-env -z
	[ "$status" -eq 125 ]
	[ "${lines[1]}" = 'usage: emu-env [document [cmd arg ...]]' ]
}

@test "env tells the forwarded ports, those that the emulator chose too" {
	cd "$BATS_TEST_TMPDIR"
	mkdir scratch
	echo '{"guest": "linux", "netdevs": [{"backend": "user", "forwards": [{"host": 2222, "guest": 22}, {"guest": 80},
		{"host": 0, "guest": 53, "protocol": "udp"}, {"host": 9, "guest": 22}]}]}' >d.json
	export EMU_SCRATCH=$PWD/scratch
	printf 'tcp 22 2222\ntcp 80 41234\nudp 53 45678\nudp 80 1\n' >scratch/ports
	run -0 --separate-stderr emu-env d.json
	[ "$(grep EMU_PORT <<<"$output")" = $'EMU_PORT_22=2222\nEMU_PORT_80=41234\nEMU_PORT_UDP_53=45678' ]
	# shellcheck disable=SC2016 # expanded there
	EMU_PORT_7=stale EMU_PORT_UDP_8=stale run -0 emu-env d.json \
		sh -c 'echo "$EMU_PORT_22 $EMU_PORT_80 $EMU_PORT_UDP_53 ${EMU_PORT_7-none} ${EMU_PORT_UDP_8-none}"'
	[ "$output" = '2222 41234 45678 none none' ]
	# Without the directory they are not known; it is an error when they do not come.
	run -0 --separate-stderr env -u EMU_SCRATCH emu-env d.json
	[ "$(grep EMU_PORT <<<"$output")" = EMU_PORT_22=2222 ]
	rm scratch/ports
	EMU_TIME_SCALE=0.01 expect_error 125 "emu-env: $PWD/scratch/ports: No such file or directory" emu-env d.json
	# Those of an emu-spawn that was killed are none.
	sleep 0 &
	wait $!
	printf 'pid %s\ntcp 80 1\n' $! >scratch/ports
	EMU_TIME_SCALE=0.01 expect_error 125 "emu-env: $PWD/scratch/ports: of a machine that has ended" emu-env d.json
	# They are waited for.
	(
		sleep 0.3
		printf 'pid %s\ntcp 80 5\n' $$ >scratch/new
		mv scratch/new scratch/ports
	) 3>&- &
	run -0 emu-env d.json
	grep -qx EMU_PORT_80=5 <<<"$output"
	wait
	expect_error 125 'emu-env: <stdin>: netdevs[0].forwards[0].host: must be from 0 to 65535' \
		emu-env - <<<'{"netdevs": [{"forwards": [{"host": 70000, "guest": 1}]}]}'
}

@test "env tells the machine's number on the vsock, the one of auto too" {
	cd "$BATS_TEST_TMPDIR"
	echo '{"guest": "linux", "target": "x64", "vsock": {"cid": "auto"}}' >auto.json
	echo '{"guest": "linux", "vsock": {"cid": 77}}' >fixed.json
	mkdir scratch
	export EMU_SCRATCH=$PWD/scratch
	run -0 emu-env fixed.json
	grep -qx EMU_VSOCK_CID=77 <<<"$output"
	cid=$(emu-argv -s auto.json | sed -n 's/.*guest-cid=\([0-9]*\).*/\1/p')
	[ -n "$cid" ]
	run -0 emu-env auto.json
	grep -qx "EMU_VSOCK_CID=$cid" <<<"$output"
}
