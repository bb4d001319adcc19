load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir out
}

# record FILE [KEY VALUE]...: a record; values are JSON.
record() {
	local file=$1 filter='.'
	shift
	while [ $# -gt 0 ]; do
		filter="$filter | .$1 = $2"
		shift 2
	done
	jq -n '{argv: ["/usr/bin/qemu-system-x86_64"], cause: "exit", status: 0,
		reason: null, start: "2026-11-28T08:00:00Z", end: 1.5} | '"$filter" >"$file"
}

tally() { # tally STATUS ARG...
	local want=$1
	shift
	run --separate-stderr emu-tally "$@"
	if [ "$status" -ne "$want" ] || [ -n "$stderr" ]; then
		printf '%s\n' "status: $status" "$stderr" "$output"
		return 1
	fi
}

@test "tally prints a test for each record, in the order of the operands" {
	record out/b.json
	record out/a.json name '"boot # 1"'
	mkdir c
	record c/record
	record d.record
	tally 0 out/b.json out/a.json c/record ./d.record
	[ "$output" = 'TAP version 14
1..4
ok 1 - b
ok 2 - boot \# 1
ok 3 - c
ok 4 - d' ]
}

@test "tally says what is known of a failure before its result" {
	record a.json cause '"panic"' status 120 reason '"the guest panicked"' \
		host '"node7"' line '"\u001b[31mone\u001b[0m\r\nok 5 - two\r\n"'
	tally 1 a.json
	[ "$output" = 'TAP version 14
1..1
# panic, status 120
# the guest panicked
# host: node7
# record: a.json
# | one
# | ok 5 - two
not ok 1 - a' ]
}

@test "tally takes a torn, empty, missing or other record for a failure, with the reason" {
	record whole.json
	head -c 50 whole.json >torn.json
	head -c 500 /dev/zero >zeros.json
	cat whole.json whole.json >two.json
	: >empty.json
	echo '{"kernel": 1}' >other.json
	echo '{"cause": "exit", "status": 256}' >large.json
	echo '[]' >array.json
	printf '{"cause": "exit", "status": 0}' >bare.json
	tally 1 torn.json whole.json zeros.json two.json empty.json absent.json other.json large.json \
		array.json out bare.json $'new\nline'
	[ "$(grep -v '^# record' <<<"$output" | sed 's/^# zeros.json: .*/# zeros.json: why/')" = 'TAP version 14
1..12
# torn.json: Unfinished JSON term
not ok 1 - torn
ok 2 - whole
# zeros.json: why
not ok 3 - zeros
# two.json: Unexpected extra JSON values
not ok 4 - two
# empty.json: empty
not ok 5 - empty
# absent.json: No such file or directory
not ok 6 - absent
# other.json: no record of a run
not ok 7 - other
# large.json: no record of a run
not ok 8 - large
# array.json: no record of a run
not ok 9 - array
# out: Is a directory
not ok 10 - out
ok 11 - bare
# ?: a name with a newline
not ok 12 - ?' ]
	[ "$(id -u)" -ne 0 ] || return 0
	chmod 0 whole.json
	tally 2 whole.json
	grep -qx '# whole.json: Permission denied' <<<"$output"
}

@test "tally leaves out what a guest sent to a terminal, and nothing else" {
	record a.json status 1 line '"\u001b[1;31mred\u001b[0m \\\\u001b[1m\u001b]0;title\u0007!\r\n\u001b]8;;x\u001b\\link\u0000\u007f\t\"ä\\n\b\f"'
	jq -c . a.json >b.json
	sed -i 's/\\u001b/\\u001B/g' b.json
	for file in a b; do
		tally 1 $file.json
		diff -i - <(grep '^# |' <<<"$output") <<<'# | red \\u001b[1m!
# | link	"ä\n'
	done
	record c.json status 1 line '([range(1500) | "x"] + ["\n"] | add | . + . + .)'
	tally 1 c.json
	[ "$(grep -c '^# |' <<<"$output")" -eq 1 ]
	[ "$(grep '^# |' <<<"$output" | wc -c)" -eq 1505 ]
}

@test "tally -n keeps the order of the names and counts those without a record" {
	printf 'c\nb\r\n\na\nd' >names
	record a.json
	record first.json name '"b"' cause '"start"' status 125
	record second.json name '"b"'
	record more.json
	tally 1 -n names a.json first.json more.json second.json
	[ "$(grep ok <<<"$output")" = 'not ok 1 - c
not ok 2 - b
ok 3 - b
ok 4 - a
not ok 5 - d
ok 6 - more' ]
	grep -q '^# no record$' <<<"$output"
	tally 1 -n names -H a.json first.json more.json second.json
	grep -qF '<summary>no whole record, 2</summary>' <<<"$output"
	grep -qF '<td class=name>d</td><td>no record</td>' <<<"$output"
	record c.json
	record d.json
	tally 0 -n names a.json second.json c.json d.json
	expect_error 125 'emu-tally: absent: No such file or directory' emu-tally -n absent a.json
}

@test "tally ends 2 when there is no whole record" {
	: >empty.json
	tally 2 empty.json
	echo a >names
	tally 2 -n names
	tally 2 -t empty.json
}

@test "tally -t counts by cause" {
	for i in 1 2 3 4 5 6; do
		record out/$i.json end $i
	done
	record out/7.json cause '"panic"' status 120 end 2.25
	record out/8.json cause '"start"' status 125 end null
	: >out/9.json
	tally 1 -t out/*.json
	[ "$output" = 'cause      status    runs  share     least    median      most
exit            0       6  66.7%      1.00      3.50      6.00
panic         120       1  11.1%      2.25      2.25      2.25
record          -       1  11.1%         -         -         -
start         125       1  11.1%         -         -         -
6 of 9 passed' ]
}

@test "tally's TAP is JUnit XML through emu-ktap" {
	need xmllint
	record a.json
	record 'b.json' name '"<b> & \\ #2"' cause '"timeout"' status 124 \
		reason '"still running after 5 s"' line '"TAP version 13\n1..9\nnot ok 1 - <script>\n"'
	: >c.json
	emu-tally a.json b.json c.json | emu-ktap -J >junit.xml || [ $? -eq 1 ]
	xmllint --noout --schema "$EMU_ROOT/tests/emu-ktap/junit.xsd" junit.xml
	[ "$(xmllint --xpath 'count(//testcase)' junit.xml)" -eq 3 ]
	[ "$(xmllint --xpath 'count(//failure)' junit.xml)" -eq 2 ]
	# What GitLab tells tests apart by, and Jenkins demands.
	[ "$(xmllint --xpath 'count(//testcase[@classname != "" and @name != ""])' junit.xml)" -eq 3 ]
	[ "$(xmllint --xpath 'count(//testcase[@name = preceding::testcase/@name])' junit.xml)" -eq 0 ]
	[ "$(xmllint --xpath 'count(//testsuite[@name != "" and @tests = 3 and @failures = 2])' junit.xml)" -eq 1 ]
	[ "$(xmllint --xpath 'string(//testcase[2]/@name)' junit.xml)" = '<b> & \ #2' ]
	[[ $(xmllint --xpath 'string(//testcase[2]/failure)' junit.xml) == *'still running after 5 s'* ]]
}

# Records with what a page has to bear.
records_for_page() {
	for i in $(seq 30); do
		record out/boot-$i.json end $i host '"node"' line '"fine\nlogin: "' \
			images '[{name: "kernel", path: "/srv/bzImage"}]'
	done
	record out/bad.json name '"<img src=x onerror=alert(1)>"' cause '"panic"' status 120 \
		reason '"</td><script>alert(2)</script>"' host '"\"><b>"' \
		line '("x" * 3000) + "\n\u001b]0;title\u0007<script>alert(3)</script> &amp;\u0007\n"' \
		images '[{path: "a/<b>.gz"}]'
	echo log >out/bad.log
	echo cast >out/bad.cast
	cp out/bad.json 'out/a b#?%:".json'
	: >out/torn.json
}

@test "tally -H prints a page without script, foreign address or markup of the guest's" {
	records_for_page
	tally 1 -H out/*.json
	[[ $output == '<!DOCTYPE html>'*'<title>30 of 33 passed</title>'* ]]
	run ! grep -iE '<script|<img|<b>|https?:|onerror=[^&]*>' <<<"$output"
	grep -qF '&lt;/td&gt;&lt;script&gt;alert(2)&lt;/script&gt;' <<<"$(emu-tally -H out/*.json)"
	grep -qF '&lt;script&gt;alert(3)&lt;/script&gt; &amp;amp;' <<<"$(emu-tally -H out/bad.json)"
	links=$(emu-tally -H out/bad.json 'out/a b#?%:".json' | grep -o 'href="\./[^"]*"')
	[ "$links" = 'href="./out/bad.json"
href="./out/bad.log"
href="./out/bad.cast"
href="./out/a%20b%23%3F%25%3A%22.json"' ]
	mkdir run
	record run/record
	: >run/log
	emu-tally -H run/record | grep -qF 'href="./run/log"'
}

@test "a browser shows tally's page, also on a phone" {
	need chromium
	records_for_page
	emu-tally -H out/*.json >page.html || [ $? -eq 1 ]
	browse() { # browse WIDTH OPTION...
		local width=$1
		shift
		timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
			--disable-background-networking --disable-component-update --disable-sync \
			--user-data-dir="$(mktemp -d "$PWD/profile.XXXXXX")" \
			--window-size="$width,900" "$@" 2>/dev/null </dev/null
	}
	# What the browser made of it; no dialog has stopped it.
	browse 1200 --dump-dom "file://$PWD/page.html" >dom
	[ "$(grep -c '<tr class="ok"><td class="name">' dom)" -eq 30 ]
	[ "$(grep -c '<tr class="no"><td class="name">' dom)" -eq 2 ]
	grep -qF '<td class="name">&lt;img src=x onerror=alert(1)&gt;</td>' dom
	# Nothing stands out to the side: a script, in this copy alone, measures.
	{
		cat page.html
		echo '<script>document.title = "wide " + (document.documentElement.scrollWidth - innerWidth)</script>'
	} >measured.html
	browse 500 --dump-dom "file://$PWD/measured.html" >dom
	[[ $(grep -o '<title>wide [-0-9]*' dom) =~ \ (-[0-9]+|0)$ ]]
	for dark in 0 1; do
		browse 500 --blink-settings=preferredColorScheme=$dark --screenshot="$PWD/$dark.png" "file://$PWD/page.html"
	done
	[ -s 0.png ]
	[ -s 1.png ]
	run ! cmp -s 0.png 1.png
}

@test "tally takes ten thousand records in little memory" {
	record one.json line '"a line of the guest\n" * 150'
	python3 -c '
for i in range(10000):
    open("out/%05d.json" % i, "w").write(open("one.json").read())'
	run python3 -c '
import os, subprocess, sys
child = subprocess.Popen(["emu-tally", "-H"] + sorted("out/" + f for f in os.listdir("out")), stdout=open("page.html", "w"))
_, status, usage = os.wait4(child.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)'
	read -r got kib <<<"$output"
	[ "$got" -eq 0 ]
	[ "$kib" -lt 200000 ]
	grep -q '10000 of 10000 passed' page.html
}

@test "tally tells how it is used" {
	usage='usage: emu-tally [-n names] [-H | -t] record ...'
	expect_error 125 $'emu-tally: no record\n'"$usage" emu-tally
	expect_error 125 $'emu-tally: -H and -t exclude each other\n'"$usage" emu-tally -H -t x
	expect_error 125 $'emu-tally: -x: unknown option\n'"$usage" emu-tally -x
	run emu-tally -V
	[ "$output" = "emu-tally 0.1" ]
}

@test "tally on a full disk fails" {
	record a.json
	for o in '' -t -H; do
		# shellcheck disable=SC2086 # an option or none
		run sh -c "emu-tally $o a.json 2>&1 >/dev/full"
		[ "$status" -eq 125 ]
		[ "$output" = "emu-tally: <stdout>: No space left on device" ]
	done
}
