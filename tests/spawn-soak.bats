load lib

setup() {
	need qemu-system-x86_64
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$PWD/tmp
	mkdir tmp
	q=(qemu-system-x86_64 -m 64 -nodefaults -display none -serial stdio -no-reboot
		-kernel "$EMU_BUILD/demo-x64" -chardev socket,id=qmp0,fd=3 -mon chardev=qmp0,mode=control
		-name "soak$$x$BATS_TEST_NUMBER")
	at_once=6
	[ -z "${EMU_TEST_SOAK:-}" ] || at_once=64
}

# Nothing of them is left: no process, no file.
all_gone() {
	[ -z "$(pgrep -f "soak$$x$BATS_TEST_NUMBER")" ] && [ -z "$(ls -A tmp)" ]
}

@test "machines in sequence leave nothing" {
	[ -z "${EMU_TEST_SOAK:-}" ] || EMU_TEST_N=1000
	for i in $(seq $EMU_TEST_N); do
		timeout 60 emu-spawn -o record -l log "${q[@]}" -append 'flood=3000' >out
		jq -e '.cause == "exit" and .qmp.data.reason == "guest-shutdown" and .undelivered == 0' record
		cmp out log
		all_gone
	done
}

@test "machines at once leave nothing, and each tells of itself" {
	local pids=()
	for i in $(seq $at_once); do
		mkdir "$i"
		timeout 300 emu-spawn -o "$i/record" -l "$i/log" -S "$i/sock" "${q[@]}" -append "flood=$((i * 100))" >"$i/out" 3>&- &
		pids+=($!)
	done
	for p in "${pids[@]}"; do
		wait "$p"
	done
	for i in $(seq $at_once); do
		cmp "$i/out" "$i/log"
		jq -e '.status == 0' "$i/record"
		grep -qa "arguments: flood=$((i * 100))" "$i/out"
		[ ! -e "$i/sock" ]
	done
	all_gone
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
