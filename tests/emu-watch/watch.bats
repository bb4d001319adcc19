load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# watch STATUS CMD... : runs emu-watch on stdin's file `in` with its output and
# messages apart.
watch() {
	local want=$1 got=0
	shift
	timeout 30 emu-watch "$@" <in >out 2>err || got=$?
	[ "$got" -eq "$want" ] || { echo "status $got"; cat err; return 1; }
}

# said LINE: the last line on stderr; T stands for the time.
said() {
	[ "$(tail -n 1 err | sed 's/, [0-9.]* s: /, T s: /')" = "emu-watch: $1" ] || { cat err; return 1; }
}

@test "watch copies every byte" {
	head -c 300000 /dev/urandom >in
	watch 0
	cmp in out
	[ ! -s err ]
	watch 0 -f @linux -f nothing
	cmp in out
}

@test "watch copies before a newline comes" {
	mkfifo in
	timeout 20 emu-watch -s never -f @linux <in >out 3>&- &
	exec 4>in
	printf 'login: ' >&4
	wait_until grep -q 'login: ' out
	exec 4>&-
	status=0
	wait $! || status=$?
	[ "$status" -eq 2 ]
}

@test "watch finds a prompt without a newline" {
	mkfifo in
	timeout 20 emu-watch -g 0 -s 'login:' <in >out 2>err 3>&- &
	exec 4>in
	printf 'Debian\nhost lo' >&4
	wait_until grep -q 'host lo' out
	printf 'gin: ' >&4
	wait $!
	exec 4>&-
	grep -q '^emu-watch: success: line 2, .* s: host login: $' err
}

@test "watch sees the same wherever reads are cut" {
	printf 'a\r\n\033[1m[    1.0]\033[0m b\r\n[    2.5][    T1] Kernel pa\033[mnic - not syncing: x\r\nc\r\n' >in
	watch 1 -f @linux -o whole
	for n in 1 2 3 5 7; do
		dd bs=$n <in 2>/dev/null | (
			emu-watch -f @linux -o cut >out 2>err || [ $? -eq 1 ]
		)
		cmp in out
		diff <(jq 'del(.seconds, .matches[].time)' whole) \
			<(jq 'del(.seconds, .matches[].time)' cut)
	done
	[ "$(jq -c '[.matches[] | .kind, .line, .text]' whole)" = \
		'["panic",3,"Kernel panic - not syncing: x"]' ]
}

@test "watch -R matches the bytes as they are" {
	printf 'one\r\n[    1.0] two\n' >in
	watch 1 -f '^two'
	watch 0 -R -f '^two'
	watch 1 -R -f 'one\r$'
	watch 0 -f 'one\r$'
}

@test "watch matches over lines when told" {
	printf 'one\r\n[    1.0] two\n' >in
	watch 1 -f 'one\ntwo'
	said 'failure: line 1, T s: one'
	# The newline that ends a match is not the next line's.
	printf 'boo\nboo\nboo\n' >in
	printf 'note n\nmatch boo\\n\n' >p
	watch 0 -f @./p -o rec
	[ "$(jq -c '[.matches[].line]' rec)" = '[1,2,3]' ]
}

@test "watch does not take the end of what was read for the end of a line" {
	mkfifo in
	timeout 20 emu-watch -g 0 -f 'FAIL$' -s 'DONE$' <in >out 2>err 3>&- &
	exec 4>in
	printf 'FAIL' >&4
	wait_until grep -q FAIL out
	printf 'ED 0\nDONE' >&4
	exec 4>&-
	wait $!
	grep -q '^emu-watch: success: line 2' err
}

@test "watch ends 2 when the success did not come" {
	echo hello >in
	watch 2 -s login
	grep -q '^emu-watch: <stdin>: ended after .* s and 6 bytes without success$' err
}

@test "watch ends 2 when nothing came" {
	: >in
	watch 2
	said '<stdin>: empty'
	watch 2 -f @linux
}

@test "watch prefers a failure that follows a success" {
	printf 'login:\nKernel panic - not syncing: x\n---[ end Kernel panic\n' >in
	watch 1 -s login: -f @linux
	said 'linux: panic: line 2, T s: Kernel panic - not syncing: x'
}

@test "watch follows a report to its end and no further" {
	mkfifo in
	timeout 30 emu-watch -g 1h -f @linux -o rec <in >out 2>err 3>&- &
	exec 4>in
	printf 'Kernel panic - not syncing: x\nCPU: 0\n' >&4
	wait_until grep -q CPU out
	printf -- '---[ end Kernel panic - not syncing: x ]---\n' >&4
	status=0
	wait $! || status=$?
	exec 4>&-
	[ "$status" -eq 1 ]
	[ "$(jq -r '.matches[0].report' rec)" = "$(cat out)" ]
}

@test "watch gives a report that does not end no more than -g" {
	mkfifo in
	timeout 20 emu-watch -g 0.1 -f @linux <in >out 2>err 3>&- &
	exec 4>in
	printf 'Kernel panic - not syncing: x\n' >&4
	status=0
	wait $! || status=$?
	exec 4>&-
	[ "$status" -eq 1 ]
}

@test "watch ends 124 when it takes too long or is silent" {
	mkfifo in
	for o in '-t 0.1' '-q 0.1'; do
		# shellcheck disable=SC2086
		timeout 20 emu-watch -s never $o <in >out 2>err 3>&- &
		exec 4>in
		status=0
		wait $! || status=$?
		exec 4>&-
		[ "$status" -eq 124 ]
		cat err >>errs
	done
	[ "$(cat errs)" = 'emu-watch: <stdin>: no verdict in 0.1 s
emu-watch: <stdin>: silent for 0.1 s' ]
}

@test "watch ends 123 when its reader goes, though nothing comes" {
	mkfifo in
	{ timeout 20 emu-watch <in 2>err 3>&- || echo $? >status; } | true &
	exec 4>in
	wait_until test -s status
	exec 4>&-
	[ "$(cat status)" -eq 123 ]
	[ "$(cat err)" = 'emu-watch: <stdout>: Broken pipe' ]
}

full() {
	[ "$(sed -n 's/^wchar: //p' "/proc/$1/io")" -ge 65536 ]
}

@test "watch ends 123 when its reader takes a little and goes" {
	mkfifo out
	timeout 20 emu-watch </dev/zero >out 2>err 3>&- &
	exec 5<out
	wait_until pgrep -P $! emu-watch
	pid=$(pgrep -P $! emu-watch)
	wait_until full "$pid"
	# It sees both at once.
	kill -STOP "$pid"
	dd bs=65536 count=1 status=none <&5 >part
	exec 5<&-
	kill -CONT "$pid"
	status=0
	wait $! || status=$?
	[ "$status" -eq 123 ]
	[ "$(cat err)" = 'emu-watch: <stdout>: Broken pipe' ]
}

@test "watch keeps the time though its reader is stuck" {
	mkfifo out
	exec 5<>out
	status=0
	timeout 20 emu-watch -t 0.2 </dev/zero >out 2>err 3>&- || status=$?
	exec 5>&-
	[ "$status" -eq 124 ]
}

@test "watch takes the verdict of the run's record" {
	echo hello >in
	echo '{"status":120,"cause":"panic"}' >rec
	watch 120 -r rec
	said 'rec: panic, status 120'
	watch 120 -r rec -s never
	echo '{"status":0,"cause":"exit"}' >rec
	watch 0 -r rec
	watch 1 -r rec -f hello
	watch 2 -r rec -s never
	echo '{"status":123,"cause":"reader"}' >rec
	watch 0 -r rec
	watch 125 -r missing
	said 'missing: No such file or directory'
}

@test "watch does not wait for the record of a run that it ends itself" {
	mkfifo in
	timeout 20 emu-watch -g 0 -r missing -s hello <in >out 2>err 3>&- &
	exec 4>in
	echo hello >&4
	wait $!
	exec 4>&-
}

@test "watch tells of notes and goes on" {
	printf 'WARNING: CPU: 0 PID: 1 at a.c:1 f\n---[ end trace 0 ]---\nWARNING: CPU: 0 PID: 1 at a.c:2 f\nx\n' >in
	watch 0 -f @linux -o rec
	said 'linux: warning: line 1, T s: WARNING: CPU: 0 PID: 1 at a.c:1 f (2 times)'
	[ "$(jq -c '[.status, .cause, [.matches[].severity]]' rec)" = \
		'[0,"end",["note","note"]]' ]
}

@test "watch takes a file of one's own" {
	cat >my.patterns <<-'E'
		# mine
		success up
		match ^READY
		fatal broken
		match E[0-9]+
		end   ^done
	E
	printf 'x\nE12\ny\ndone\nz\n' >in
	watch 1 -f @./my.patterns -o rec
	said 'my.patterns: broken: line 2, T s: E12'
	[ "$(jq -r '.matches[0].report' rec)" = "$(printf 'E12\ny\ndone')" ]
	printf 'READY\n' >in
	watch 0 -f @./my.patterns -g 0
}

@test "watch looks for the sets in EMU_SHARE" {
	mkdir -p share/patterns
	printf 'fatal x\nmatch boo!\n' >share/patterns/mine
	echo boo! >in
	EMU_SHARE=$PWD/share watch 1 -f @mine
	said 'mine: x: line 1, T s: boo!'
	expect_error 125 "emu-watch: $PWD/share/patterns/other: No such file or directory" \
		env EMU_SHARE="$PWD/share" emu-watch -f @other
}

@test "watch writes a record that is JSON whatever the bytes" {
	printf 'boo \377\300\200 \351\n' >in
	watch 1 -f boo -o rec
	[ "$(jq -r '.matches[0].text' rec)" = 'boo ��� �' ]
}

@test "watch finds what patterns of every syntax mean" {
	while read -r text regex; do
		echo "long lines of something else, $text, and more" >in
		for r in "$regex" "(?:$regex)"; do
			watch 0 -s "$r" || { echo "$regex"; false; }
			echo 'nothing of this' >in2
			run -2 emu-watch -s "$r" <in2
			mv in2 in
			echo "long lines of something else, $text, and more" >in
		done
	done <<-'E'
		xbcdef [^]a]bcdef
		]bcdef []]bcdef
		abcdef [[:alpha:]]bcdef
		]bcdef [\Q]\E]bcdef
		a.bcd \Qa.bcd\E
		A.bcd \x41\.bcd
		abcdef (?i)ABCDEF
		abcdef (?#why)abcdef
		abcdef (?>abc)def
		abcdef (?<=else,\s)abcdef
		abcdef (?:a[)]|abc)def
		abcdef (\Qa\E)bcdef
		abcdef ([[:alpha:]])bcdef
		abcdef ((*ACCEPT)z)*abcdef
		abcdef wxyz0|cdef|abcdef0
		abcdef a{1}b{0,2}cd+ef?x*
		a{x}cdef a{x}cdef
		0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef!456789 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef!456789
	E
}

@test "watch finds what stands between control characters" {
	{
		seq -f 'line %.0f of the log' 20000
		printf 'lo\033[1mgin\033[0m: '
	} >in
	watch 0 -s 'login:'
	said 'success: line 20001, T s: login: '
	# In the last 16 bytes of what might be passed over.
	{
		yes "$(printf '%0127d' 0)" | head -n 235
		printf '%0117dlo\033[1mgin:\n' 0
		yes "$(printf '%0127d' 0)" | head -n 64
	} >in
	watch 0 -s 'login:'
	said "success: line 236, T s: $(printf '%0117d' 0)login:"
}

@test "watch finds what stands around a match" {
	printf 'note n\nmatch needle[0-9]\n' >p
	{ echo needle1; yes | head -n 10000; echo needle2; } >in
	watch 0 -f @./p -o rec
	[ "$(jq -c '[.matches[].line]' rec)" = '[1,10002]' ]
	mkfifo fifo
	timeout 20 emu-watch -R -f @./p -o rec <fifo >out 2>err 3>&- &
	exec 4>fifo
	printf 'needle1\nword and nee' >&4
	wait_until grep -q 'nee$' out
	printf 'dle2\n' >&4
	exec 4>&-
	wait $!
	[ "$(jq -c '[.matches[].line]' rec)" = '[1,2]' ]
}

@test "watch records no more than a thousand matches, and counts the rest" {
	printf 'note a\nmatch A\nnote b\nmatch B\n' >p
	{ yes A | head -n 1100; echo B; } >in
	watch 0 -f @./p -o rec
	[ "$(sed 's/, [0-9.]* s: /, T s: /' err)" = 'emu-watch: p: a: line 1, T s: A (1100 times)
emu-watch: p: b: 1 times' ]
	[ "$(jq '.matches | length' rec)" -eq 1000 ]
}

@test "watch keeps little of long reports and of a long line" {
	printf 'note a\nmatch A\nend ^Z\n' >p
	for _ in {1..200}; do
		echo A
		printf '%020000d\n' 0
		echo Z
	done >in
	watch 0 -f @./p -o rec
	[ "$(jq '[.matches[].report | length] | max' rec)" -eq 16384 ]
	[ "$(jq '[.matches[].report | length] | add' rec)" -eq 2097152 ]
	[ "$(jq -c '[.matches[0, 199].cut]' rec)" = '[true,true]' ]
	{
		yes A | head -n 20
		printf '%0200000d\nZ\n' 0
	} >in
	watch 0 -f @./p -o rec
	[ "$(jq -c '[.matches[15, 16].report | length]' rec)" = '[16384,0]' ]
	printf '%02000d boo\n' 0 >in
	watch 1 -f boo -o rec
	[ "$(jq -r '.matches[0].text' rec)" = "$(printf '%0511d boo' 0)" ]
}

@test "watch waits for a slow reader" {
	head -c 1000000 /dev/urandom >in
	emu-watch <in | { sleep 0.3; cmp - in; }
}

@test "watch takes limits without end" {
	echo x >in
	EMU_TIME_SCALE=1e9 watch 0 -t 36500d -s x
}

@test "watch says what is wrong with patterns" {
	expect_error 125 'emu-watch: -s: (: at 1: missing closing parenthesis' \
		emu-watch -s '('
	expect_error 125 'emu-watch: -f: empty expression' emu-watch -f ''
	expect_error 125 'emu-watch: @: a pattern set needs a name' emu-watch -f @
	echo 'match x' >p
	expect_error 125 'emu-watch: ./p: line 1: expected note, success or fatal first' \
		emu-watch -f @./p
	printf '\nfatal\n' >p
	expect_error 125 'emu-watch: ./p: line 2: expected except, note, success, fatal, match or end, and what it is' \
		emu-watch -f @./p
	printf 'fatal x\nend y\n' >p
	expect_error 125 'emu-watch: ./p: x: no match line' emu-watch -f @./p
	printf 'fatal x\nmatch y\nend (\n' >p
	expect_error 125 'emu-watch: ./p: line 3: (: at 1: missing closing parenthesis' \
		emu-watch -f @./p
	printf 'fatal x\nfatal y\nmatch z\n' >p
	expect_error 125 'emu-watch: ./p: line 2: x: no match line' emu-watch -f @./p
	printf 'fatal x\0\n' >p
	expect_error 125 'emu-watch: ./p: a NUL in it' emu-watch -f @./p
	printf 'fatal x\nmatch [\n' >p
	expect_error 125 'emu-watch: ./p: line 2: [: at 1: missing terminating ] for character class' \
		emu-watch -f @./p
}

# as N: so many.
as() {
	printf "%0$1d" 0 | tr 0 a
}

@test "watch ends 125 for a pattern that takes for ever" {
	as 3000 >in
	watch 125 -f '(a+)+[bc]'
	said '(a+)+[bc]: match limit exceeded'
	cmp in out
	# In a line that is over, before much else, and when nothing came for a while.
	echo >>in
	watch 125 -f '(a+)+[bc]'
	said '(a+)+[bc]: match limit exceeded'
	{ echo "boom$(as 3000)"; yes | head -c 30000; } >in
	watch 125 -f 'boom(a+)+[bc]'
	said 'boom(a+)+[bc]: match limit exceeded'
	mkfifo fifo
	timeout 20 emu-watch -f '(a+)+[bc]' <fifo >out 2>err 3>&- &
	exec 4>fifo
	as 3000 >&4
	status=0
	wait $! || status=$?
	exec 4>&-
	[ "$status" -eq 125 ]
	said '(a+)+[bc]: match limit exceeded'
	# The end of a report, at once and later.
	printf 'fatal x\nmatch boom\nend (a+)+[bc]\n' >p
	{ echo boom; as 3000; } >in
	watch 125 -f @./p
	said '(a+)+[bc]: match limit exceeded'
	{ echo boom; yes | head -c 70000; as 3000; } >in
	watch 125 -f @./p -o rec
	[ "$(jq -c '[.status, .cause, .matches[].kind]' rec)" = '[125,"error","x"]' ]
	said '(a+)+[bc]: match limit exceeded'
}

@test "watch takes a match that goes on for more than 4 KiB as far as it came" {
	{ printf b; as 70000; } >in
	watch 1 -f 'ba+'
	watch 0 -f 'ba+x'
}

@test "watch finds the end of a text that just fills its window" {
	# What might have been a stamp came out with the last read.
	{ as 131065; printf '\n[   1.'; as 8290; printf '\nend'; } >in
	watch 1 -f 'end$'
	said 'failure: line 3, T s: end'
}

@test "watch searches with what has no machine code" {
	echo boo >in
	watch 1 -f '(*NO_JIT)bo+'
	said 'failure: line 1, T s: boo'
}

@test "watch refuses a usage that is none" {
	run emu-watch -x
	[ "$status" -eq 125 ]
	[ "${lines[1]}" = 'usage: emu-watch [-R] [-f regex | @set] [-g time] [-n number] [-o record]' ]
	[ "${lines[0]}" = 'emu-watch: -x: unknown option' ]
	run emu-watch file
	[ "$status" -eq 125 ]
	[ "${lines[0]}" = 'emu-watch: file: unexpected operand' ]
	run emu-watch -t soon
	[ "$status" -eq 125 ]
	[ "${lines[0]}" = 'emu-watch: -t: not a duration: soon' ]
	[ "$(emu-watch -V)" = 'emu-watch 0.1' ]
	expect_error 125 'emu-watch: <stdout>: No space left on device' sh -c 'emu-watch -V >/dev/full'
}

@test "watch -h and --help tell of every option" {
	emu-watch -h >out
	[ "$(sed -n 's/^  -\(.\).*/\1/p' out | tr -d '\n')" = RfgnoqrsthV ]
	emu-watch --help | cmp - out
	[ "$(emu-watch --version)" = 'emu-watch 0.1' ]
}

@test "watch has no match behind what a pattern file excepts" {
	printf 'except ^test [0-9]+\nexcept old:\nfatal x\nmatch boo\n' >p
	printf 'test 1 boo\nold: boo\nnew\n' >in
	watch 0 -f @./p
	watch 1 -f @./p -f old
	printf 'boo old:\n' >in
	watch 1 -f @./p
	said 'p: x: line 1, T s: boo old:'
	# In that line alone, and also when the line comes in pieces.
	printf 'test 1\na test 2 boo\n' >in
	watch 1 -f @./p
	said 'p: x: line 2, T s: a test 2 boo'
	printf 'test 1 boo boo\nend\n' | dd bs=1 2>/dev/null >in
	watch 0 -f @./p
	printf 'fatal x\nexcept y\nmatch boo\n' >p
	expect_error 125 'emu-watch: ./p: line 2: except comes before the first kind' \
		emu-watch -f @./p
	printf 'except (\nfatal x\nmatch boo\n' >p
	expect_error 125 'emu-watch: ./p: line 1: (: at 1: missing closing parenthesis' \
		emu-watch -f @./p
}

@test "watch -f @linux takes a test's name in TAP for no crash" {
	for text in 'BUG: x' 'Kernel panic - not syncing' 'Oops: 0000 [#1] SMP'; do
		for before in 'ok 3 - ' 'not ok 4 ' '    ok 1 ' '# ok 5 - a '; do
			echo "$before$text" >in
			watch 0 -f @linux
		done
		for before in 'ok 3 - a[    1.234567] ' 'okay ' ''; do
			echo "$before$text" >in
			watch 1 -f @linux
		done
	done
}

@test "watch is not held up by messages on a terminal that is stopped" {
	printf 'WARNING: x\nboo\n' >in
	run -1 timeout 60 python3 - <<-'E'
		import os, pty, subprocess, sys, termios
		master, slave = pty.openpty()
		termios.tcflow(slave, termios.TCOOFF)
		watch = subprocess.Popen(["emu-watch", "-f", "@linux", "-f", "boo"],
		    stdin=open("in"), stdout=open("out", "w"), stderr=slave)
		sys.exit(watch.wait())
	E
	cmp in out
}

@test "watch fails when it cannot read" {
	expect_error 125 'emu-watch: <stdin>: Is a directory' sh -c 'emu-watch </'
}

@test "watch fails when it cannot write" {
	echo hello >in
	status=0
	emu-watch <in >/dev/full 2>err || status=$?
	[ "$status" -eq 125 ]
	[ "$(cat err)" = 'emu-watch: <stdout>: No space left on device' ]
	expect_error 125 'emu-watch: <stdout>: Bad file descriptor' \
		sh -c 'emu-watch <in >&-'
	watch 125 -o /nowhere/rec
	said '/nowhere/rec: No such file or directory'
}

@test "watch finds all there is in a long log, and where" {
	printf 'note n\nmatch needle[0-9]+\nmatch hay.{3,9}stack\n' >p
	awk 'BEGIN { srand(7); for (i = 0; i < 60000; i++) {
		t = sprintf("[%5d.%06d] ", i / 100, i % 100 * 10000)
		r = rand(); s = "some words of a line that is as long as others are"
		if (r < .002) s = s " needle" i
		else if (r < .004) s = "hay....." "stack " s
		else if (r < .005) s = "\033[1m" s "\033[0m"
		else if (r < .01) s = s s s s s s s s s s s s s s s s s s s s
		printf "%s%s\r\n", t, s } }' >in
	watch 0 -f @./p -o rec
	grep -no -aE 'needle[0-9]+|hay.{3,9}stack' in | cut -d: -f1 >want
	jq '.matches[].line' rec >got
	[ "$(wc -l <got)" -gt 150 ]
	diff want got
	cat in | { dd bs=700 2>/dev/null; } | emu-watch -f @./p -o rec >out 2>err
	diff got <(jq '.matches[].line' rec)
}

@test "watch needs little memory for a line without an end" {
	run python3 - $((EMU_TEST_N * 20)) <<-'E'
		import os, subprocess, sys
		child = subprocess.Popen(["emu-watch", "-f", "@linux"],
		    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
		for _ in range(int(sys.argv[1])):
		    child.stdin.write(b"x" * (1 << 20))
		child.stdin.close()
		_, status, usage = os.wait4(child.pid, 0)
		print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
	E
	read -r got kib <<<"$output"
	[ "$got" -eq 0 ]
	# Sanitizers have their own idea of little.
	limit=16000
	[ "${EMU_BUILD##*/}" != san ] || limit=400000
	[ "$kib" -lt $limit ] || { echo "$kib KiB"; false; }
}

@test "watch multiplies its times by EMU_TIME_SCALE" {
	mkfifo in
	status=0
	EMU_TIME_SCALE=0.001 timeout 20 emu-watch -q 100 <in >out 2>err 3>&- &
	exec 4>in
	wait $! || status=$?
	exec 4>&-
	[ "$status" -eq 124 ]
	[ "$(cat err)" = 'emu-watch: <stdin>: silent for 0.1 s' ]
}

@test "watch waits for what decides whether there is a match" {
	printf 'BUG: unable\nFAILED 0\n' | dd bs=1 2>/dev/null |
		emu-watch -f 'BUG: (?!unable)' -f 'FAIL\b'
	mkfifo fifo
	# A prompt that might go on is one when it does not.
	timeout 20 emu-watch -g 0 -s 'login: *' <fifo >out 2>err 3>&- &
	exec 4>fifo
	printf 'login:  ' >&4
	wait $!
	exec 4>&-
}

@test "watch takes a string sequence that does not end for text" {
	local kind tail esc=$'\033'
	for kind in ']' P _ ^ X; do
		# A newline, the end of the input (also behind an escape), the limit,
		# and another sequence.
		for tail in $'\r\n' '' "$esc" "$(printf '%0300d' 0)$esc\\" "$esc[0m" "$esc$kind" \
			"$esc$esc\\"; do
			printf %s "a$esc${kind}0;root Kernel panic: x$tail" >in
			watch 1 -f 'Kernel panic'
			printf %s "a$esc${kind}0;Kernel panic: x$esc\\b$tail" >in
			watch 0 -f 'Kernel panic'
		done
		printf %s "$esc${kind}0;Kernel panic$esc${kind}1$esc\\" >in
		run -1 sh -c 'dd bs=1 <in 2>/dev/null | emu-watch -f "Kernel panic"'
	done
	printf 'b\n\033]0;Kernel panic - not syncing\n' >in
	watch 1 -f @linux -o rec
	[ "$(jq -c '[.matches[].line]' rec)" = '[2]' ]
}

@test "watch finds a panic whose first letter a torn sequence took" {
	local torn
	for torn in '\033' '\033[' '\033[1;31' '\033(' '\033]0;r\033' '\0233'; do
		printf "%bKernel panic - not syncing: x\r\n" "$torn" >in
		watch 1 -f @linux
	done
	printf -- '---[ end Kernel panic - not syncing: x ]---\n' >in
	watch 0 -f @linux
}

@test "watch -n waits for the n-th match of a success" {
	printf 'login: a\nx\nlogin: b\n' >in
	watch 0 -n 2 -s login:
	said 'success: line 3, T s: login: b'
	watch 2 -n 3 -s login:
	for n in 0 -1 x 2x '' 1000001; do
		watch 125 -n "$n" -s login:
		[ "$(head -n 1 err)" = "emu-watch: -n: not a number from 1 to 1000000: $n" ]
	done
}

@test "watch fails though a thousand notes came before" {
	printf 'note a\nmatch A\n' >p
	{ yes A | head -n 1100; echo boom; } >in
	watch 1 -f @./p -f boom -o rec
	said 'failure: line 1101, T s: boom'
	[ "$(jq -c '[(.matches | length), .unrecorded]' rec)" = '[1001,100]' ]
}

@test "a line of ordinary length is looked at in little memory" {
	outside_valgrind
	[ "${EMU_BUILD##*/}" != san ] || skip "a sanitizer has memory of its own"
	mkfifo line
	timeout 60 emu-watch -f @linux <line >out 3>&- &
	exec 4>line
	for _ in {1..400}; do
		printf '[    1.000000] usb 1-1: new high-speed USB device number 2 using xhci_hcd, and so on\r\n'
	done >&4
	all_out() {
		[ "$(wc -l <out)" -eq 400 ]
	}
	wait_until all_out
	pid=$(pgrep -P $! emu-watch)
	# Machine code of all patterns alone has 370 KiB.
	[ "$(awk '/^Pss_Anon:/ { print $2 }' "/proc/$pid/smaps_rollup")" -lt 400 ]
	exec 4>&-
	wait $!
}
