# shellcheck disable=SC2016,SC2154 # inner shells expand; bats sets stderr
load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# texts FILE: the events' text, joined; fails unless the recording is strict
# JSON in UTF-8, with times that never go back.
texts() {
	python3 - "$1" <<-'EOF'
		import json, sys
		lines = open(sys.argv[1], "rb").read().decode("utf-8").split("\n")
		assert lines.pop() == ""
		header = json.loads(lines[0])
		assert header["version"] == 2, header
		last = 0
		for line in lines[1:]:
		    time, code, text = json.loads(line)
		    assert time >= last and code == "o" and text != "", line
		    last = time
		    sys.stdout.buffer.write(text.encode("utf-8"))
	EOF
}

@test "cast copies every byte as it is and records valid UTF-8" {
	python3 -c '
import random, sys
random.seed(7)
sys.stdout.buffer.write(bytes(range(256)) + random.randbytes(300000))
sys.stdout.buffer.write("grüße 漢字 🐧".encode() + b"\xe2\x82")' >in
	emu-cast -o out.cast <in >out
	cmp in out
	texts out.cast >text
	python3 -c '
import sys
sys.stdout.buffer.write(open("in", "rb").read().decode("utf-8", "replace").encode())' >want
	cmp want text
}

@test "cast records a character split over writes with its last byte" {
	python3 -c '
import os, time
for b in "ä漢🐧x".encode():
    os.write(1, bytes([b])); time.sleep(0.02)' | emu-cast -o out.cast >out
	[ "$(cat out)" = "ä漢🐧x" ]
	[ "$(texts out.cast)" = "ä漢🐧x" ]
	run ! grep -q $'\xef\xbf\xbd' out.cast
}

@test "cast writes size, time and title into the header" {
	before=$(date +%s)
	printf x | emu-cast -s 132x43 -t $'a "title" \\ \t ü \xff' -o out.cast >out
	run jq -sc '.[0] | [.version, .width, .height, .title]' out.cast
	[ "$output" = $'[2,132,43,"a \\"title\\" \\\\ \\t ü \xef\xbf\xbd"]' ]
	[ "$(jq -s '.[0].timestamp' out.cast)" -ge "$before" ]
	emu-cast -o out.cast </dev/null
	run jq -c '[.version, .width, .height, .title]' out.cast
	[ "$output" = '[2,80,24,null]' ]
}

@test "cast passes each piece on and records it at once" {
	mkfifo fifo
	timeout 30 emu-cast -o out.cast <fifo >out 3>&- &
	pid=$!
	exec 6>fifo
	printf one >&6
	wait_until grep -q one out
	wait_until grep -q '"one"]' out.cast
	printf two >&6
	wait_until grep -q onetwo out
	exec 6>&-
	wait "$pid"
	[ "$(texts out.cast)" = onetwo ]
}

@test "cast makes what asciinema plays" {
	need asciinema
	printf 'boot \033[1mgr\303\274n\033[0m\r\n\377\000done\r\n' | emu-cast -t t -o out.cast >out
	export HOME=$PWD
	# It wants a terminal, even to print.
	run timeout 20 script -qec 'asciinema cat out.cast >text' /dev/null
	[ "$status" -eq 0 ]
	printf 'boot \033[1mgr\303\274n\033[0m\r\n\357\277\275\000done\r\n' | cmp - text
	run timeout 20 script -qec 'asciinema play -s 100 out.cast' /dev/null
	[ "$status" -eq 0 ]
	[[ $output == *grün*done* ]]
}

@test "cast takes what emu-spawn recorded for its status" {
	for s in 0:0 123:0 1:1 120:120 124:124 143:143; do
		echo '{"status": '"${s%:*}"', "cause": "exit"}' >run.json
		run sh -c 'echo x | emu-cast -r run.json -o out.cast'
		[ "$status" -eq "${s#*:}" ]
		[ "$output" = x ]
	done
	run --separate-stderr sh -c 'echo x | emu-cast -r absent.json -o out.cast'
	[ "$status" -eq 125 ]
	[ "$output" = x ]
	[ "$stderr" = "emu-cast: absent.json: No such file or directory" ]
}

@test "cast ends with 123 at once when its reader goes" {
	mkfifo fifo
	sleep 60 >fifo 3>&- &
	sleeper=$!
	run --separate-stderr timeout 20 bash -c 'emu-cast -o out.cast <fifo | true; echo "${PIPESTATUS[0]}"'
	kill "$sleeper"
	[ "$output" = 123 ]
	[ "$stderr" = "emu-cast: <stdout>: Broken pipe" ]
	run --separate-stderr bash -c 'yes | emu-cast -o out.cast | head -c 100000 >/dev/null; echo "${PIPESTATUS[1]}"'
	[ "$output" = 123 ]
	[ "$stderr" = "emu-cast: <stdout>: Broken pipe" ]
	texts out.cast >text
}

@test "cast waits for a reader that made its stdout non-blocking" {
	need python3
	head -c 1000000 /dev/urandom >in
	timeout 60 python3 - <<-'E'
		import fcntl, os, struct, subprocess, termios, time
		r, w = os.pipe()
		os.set_blocking(w, False)
		p = subprocess.Popen(["emu-cast", "-o", "rec"], stdin=open("in"), stdout=w)
		os.close(w)
		# Nothing is read before the pipe is full.
		while struct.unpack("i", fcntl.ioctl(r, termios.FIONREAD, b"1234"))[0] < 61440:
		    time.sleep(0.01)
		with open("got", "wb") as got:
		    while data := os.read(r, 65536):
		        got.write(data)
		raise SystemExit(p.wait())
	E
	cmp in got
}

@test "cast with a full disk under the recording copies on, and fails" {
	run --separate-stderr sh -c 'yes | head -c 1000000 | emu-cast -o /dev/full >out'
	[ "$status" -eq 125 ]
	[ "$stderr" = "emu-cast: /dev/full: No space left on device" ]
	[ "$(wc -c <out)" -eq 1000000 ]
}

@test "cast names what it cannot read or write" {
	expect_error 125 "emu-cast: absent/x: No such file or directory" emu-cast -o absent/x
	title=$(printf %5000s)
	run --separate-stderr emu-cast -t "$title" -o /dev/full </dev/null
	[ "$status" -eq 125 ]
	[ "$stderr" = "emu-cast: /dev/full: No space left on device" ]
	run --separate-stderr sh -c 'echo x | emu-cast -o out.cast >/dev/full'
	[ "$status" -eq 125 ]
	[ "$stderr" = "emu-cast: <stdout>: No space left on device" ]
	expect_error 125 "emu-cast: <stdout>: Bad file descriptor" sh -c 'emu-cast -o out.cast >&-'
	expect_error 125 "emu-cast: <stdin>: Is a directory" sh -c 'emu-cast -o out.cast <.'
	run sh -c 'emu-cast -V 2>&1 >/dev/full'
	[ "$status" -eq 125 ]
	[ "$output" = "emu-cast: <stdout>: No space left on device" ]
}

@test "cast tells how it is used" {
	usage='usage: emu-cast [-r record] [-s colsxrows] [-t title] -o file.cast'
	expect_error 125 $'emu-cast: no -o file.cast\n'"$usage" emu-cast
	expect_error 125 $'emu-cast: x: unexpected operand\n'"$usage" emu-cast -o out.cast x
	expect_error 125 "emu-cast: -x: unknown option"$'\n'"$usage" emu-cast -x
	for s in '' 80 80x 0x24 80x0 10000x1 80x24x 80x24y -1x1 99999999999999999999x1 'x'; do
		expect_error 125 "emu-cast: -s: not a size like 80x24: $s"$'\n'"$usage" emu-cast -s "$s" -o out.cast
	done
	[ ! -e out.cast ]
	run emu-cast -V
	[ "$output" = "emu-cast 0.1" ]
}
