load ../lib

setup() {
	need qemu-system-x86_64
	cd "$BATS_TEST_TMPDIR"
	monitor qmp0
	q=(qemu-system-x86_64 -m 64 -nodefaults -display none -serial stdio -no-reboot
		-kernel "$EMU_BUILD/demo-x64" -chardev socket,id=qmp0,fd=3 "${MONITOR[@]}")
}

@test "the line of a real UART is exact" {
	# Bytes behind the greeting are (i ^ i >> 8 ^ i >> 16) & 255.
	n=30000
	for mode in '' '-l log' -p -n; do
		# shellcheck disable=SC2086 # words
		timeout 60 emu-spawn $mode "${q[@]}" -append "flood=$n" >out
		tail -c $n out >flood
		python3 -c 'import sys
d = open("flood", "rb").read()
sys.exit(d != bytes((i ^ i >> 8 ^ i >> 16) & 255 for i in range(len(d))))'
	done
}

@test "what is typed at a real UART comes back" {
	printf 'hello, guest\4' | timeout 60 emu-spawn "${q[@]}" -append echo >out
	grep -qa 'hello, guest' out
}

@test "valgrind finds nothing" {
	need valgrind
	[ "${EMU_BUILD##*/}" != san ] || return 0
	v=(timeout 120 valgrind -q --leak-check=full --error-exitcode=99 --log-file=valgrind.%p emu-spawn)
	"${v[@]}" -o record -l log -S sock -X 'read -r x; true' echo hello </dev/null
	"${v[@]}" -p -o record echo hello </dev/null
	"${v[@]}" -n -t 0.3 sleep 60 </dev/null || [ $? -eq 124 ]
	"${v[@]}" -m -o record bash -c 'printf "{\"QMP\":{}}\n{\"event\":\"SHUTDOWN\",\"data\":{\"reason\":\"guest-reset\"}}\n" >&3; read -r <&3' </dev/null || [ $? -eq 121 ]
	"${v[@]}" nonesuch </dev/null || [ $? -eq 127 ]
	cat valgrind.*
	run ! grep -E 'Invalid|ninitialised|definitely lost' valgrind.*
}
