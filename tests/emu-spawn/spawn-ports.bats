load ../lib

# The ports that QEMU forwards, and what is said of a silent machine.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export TMPDIR=$PWD/tmp
	mkdir tmp scratch
	need qemu-system-x86_64
	monitor qmp0
	Q=(qemu-system-x86_64 -nodefaults -display none -m 64 -no-reboot -serial stdio
		-chardev socket,id=qmp0,fd=3 "${MONITOR[@]}" -kernel "$EMU_BUILD/demo-x64")
}

teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

spawn() {
	timeout 60 emu-spawn -o record "$@"
}

@test "the ports that QEMU chose are in the scratch directory while it runs, and in the record" {
	need ss
	export EMU_SCRATCH=$PWD/scratch
	echo stale >scratch/ports
	# shellcheck disable=SC2016 # expanded there
	run -7 --separate-stderr spawn \
		-X 'until [ -e "$EMU_SCRATCH/ports" ]; do sleep 0.01; done
			cat "$EMU_SCRATCH/ports" >told; ss -Hltn >tcp; ss -Hlun >udp; exit 7' \
		-- "${Q[@]}" -append hang \
		-netdev user,id=n,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=udp:127.0.0.1:0-:53 -device virtio-net-pci,netdev=n
	[ "$stderr" = 'emu-spawn: -X: exit status 7' ]
	read -r tcp udp <<<"$(jq -j '[.ports[] | .host] | @tsv' record)"
	[ "$(sed 1d told)" = "tcp 22 $tcp"$'\n'"udp 53 $udp" ]
	# The process of emu-spawn, which is gone now.
	[[ $(head -n 1 told) =~ ^'pid '([0-9]+)$ ]]
	run ! kill -0 "${BASH_REMATCH[1]}"
	jq -e '[.ports[] | [.protocol, .guest]] == [["tcp", 22], ["udp", 53]] and ([.ports[].host] | min) > 0' record
	grep -qF "127.0.0.1:$tcp " tcp
	grep -qF "127.0.0.1:$udp " udp
	[ ! -e scratch/ports ]
}

@test "a machine that forwards nothing has no ports" {
	export EMU_SCRATCH=$PWD/scratch
	spawn -- "${Q[@]}" -append poweroff </dev/null
	jq -e 'has("ports") | not' record
	[ -z "$(ls scratch)" ]
}

@test "ports that cannot be told are an error" {
	export EMU_SCRATCH=$PWD/scratch
	mkdir scratch/ports
	run -125 --separate-stderr spawn -C . -- "${Q[@]}" -append hang \
		-netdev user,id=n,hostfwd=tcp:127.0.0.1:0-:22 </dev/null
	[ "${stderr_lines[-1]}" = "emu-spawn: $PWD/scratch/ports: Is a directory" ]
}

@test "a machine that stands still is not told of as silent" {
	printf '%s\0' "${Q[@]}" -append 'a b' -S >words
	# A guest that was stopped from outside is not silent, and has no limit.
	EMU_TIME_SCALE=0.1 run -124 --separate-stderr timeout 5 emu-spawn -t 11 -a words </dev/null
	[[ $stderr != *'no output in'* ]]
}

@test "what is said of a silent machine are the words that made it" {
	# shellcheck disable=SC2016 # expanded there
	printf '%s\0' sh -c 'read -r x; echo "$x"' -kernel k -append 'a b' -m 5 >words
	EMU_TIME_SCALE=0.02 run -124 --separate-stderr spawn -t 30 -a words </dev/null
	[ "${stderr_lines[0]}" = 'emu-spawn: no output in the first 0.2 s: -kernel k -append a b' ]
	[ "${#stderr_lines[@]}" -eq 2 ]
	# Not of one that said something, and not of a command of the caller's own.
	printf '%s\0' sh -c 'echo said; exec sleep 60' >words
	EMU_TIME_SCALE=0.02 run -124 --separate-stderr spawn -t 30 -a words </dev/null
	[ "${#stderr_lines[@]}" -eq 1 ]
	EMU_TIME_SCALE=0.02 run -124 --separate-stderr spawn -t 30 sleep 60 </dev/null
	[ "${#stderr_lines[@]}" -eq 1 ]
}
