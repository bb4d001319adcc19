load ../images

setup() {
	room
	mkfifo pipe
	echo '{"guest": "none", "images": [{"name": "d", "type": "blk", "path": "pipe"}]}' >doc.json
	haste=$EMU_BUILD/tests/emu-stage/haste.so
}

# hasty ARG...: emu-stage with a clock 100 times as fast.
hasty() {
	LD_PRELOAD=$haste ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		timeout 60 emu-stage -d out "$@"
}

lines() {
	[ "$(wc -l <err)" -ge "$1" ]
}

@test "stage says every 30 s how far it is, where there is no terminal" {
	hasty doc.json >new.json 2>err 3>&- &
	exec 5>pipe
	echo data >&5
	wait_until lines 3
	exec 5>&-
	wait $!
	run -1 grep -vE '^emu-stage: [0-9]+ MiB in [0-9]+ s$' err
	sed 's/.* in //; s/ s$//' err | awk -v last=0 '
		$1 < last + 29 { print "too early: " $1; exit 1 } { last = $1 }'
	[ "$(cat out/blk_d)" = data ]
}

@test "stage says no total that nobody knows, and nothing when it is fast" {
	hasty <<<'{"guest": "none"}' 2>err >/dev/null
	[ ! -s err ]
	truncate -s 3M part
	gzip -c part >part.gz
	jq '.images += [{name: "p", type: "blk", path: "part.gz", decompress: true}]' doc.json >two.json
	hasty two.json >new.json 2>err 3>&- &
	exec 5>pipe
	wait_until lines 1
	exec 5>&-
	wait $!
	run -1 grep -vE '^emu-stage: [0-9]+ MiB in [0-9]+ s$' err
	head -c 3M part | cmp - out/blk_p
}

# slow_qemu_img: a qemu-img that ends when somebody has written to pipe.
slow_qemu_img() {
	mkdir bin
	printf '#!/bin/sh\nread -r line <pipe\n' >bin/qemu-img
	chmod +x bin/qemu-img
	PATH=$PWD/bin:$PATH
}

@test "stage says how much of how much, and what is left, where it knows" {
	slow_qemu_img
	truncate -s 3M part
	tar -cf t.tar part
	jq -n --arg d "$PWD" '{guest: "none", minfs: {image: "part"}, images: [
		{name: "a", type: "blk", path: "part"},
		{name: "b", type: "blk", path: ($d + "/part")},
		{name: "c", type: "blk", path: ($d + "/part"), convert: "raw"}]}' >doc.json
	hasty -x t.tar doc.json >new.json 2>err 3>&- &
	exec 5>pipe
	wait_until grep -qxE 'emu-stage: 6 of 6 MiB, [0-9]+ MiB/s, 0 s left' err
	echo >&5
	exec 5>&-
	wait $!
	cmp part out/blk_a
	cmp part out/blk_b
}

@test "stage knows a file that changed while it was copied" {
	slow_qemu_img
	jq -n '{guest: "none", images: [{name: "b", type: "blk", path: "part"},
		{name: "c", type: "blk", path: "part", convert: "raw"}]}' >doc.json
	# The second change keeps size and time, as that of rsync --inplace -t does.
	for change in 'echo more >>part' 'printf DATA 1<>part; touch -d @1 part'; do
		echo data >part
		touch -d @1 part
		timeout 60 emu-stage -d out doc.json >new.json 2>err 3>&- &
		exec 5>pipe
		eval "$change"
		echo >&5
		exec 5>&-
		status=0
		wait $! || status=$?
		[ "$status" -eq 1 ]
		[ "$(cat err)" = 'emu-stage: part: changed while it was copied' ]
		[ ! -s new.json ]
		[ -z "$(ls -A out)" ]
	done
}

@test "stage's line on a terminal goes at the end" {
	need script
	(
		exec 5>pipe
		sleep 1
		echo data >&5
	) 3>&- &
	LD_PRELOAD=$haste ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		timeout 60 script -qec "emu-stage -d out doc.json >new.json" typescript >/dev/null
	wait $!
	[[ "$(cat typescript)" == *$'\r\e[Kemu-stage: '*' s'*$'\r\e[K'* ]]
	[ "$(sed '1d;$d' typescript | tr '\r' '\n' | tail -n 1)" = $'\e[K' ]
}

@test "stage takes its line off a terminal before it says what went wrong" {
	need script
	timeout 60 script -qefc 'emu-stage -M 1 doc.json >new.json' log </dev/null >/dev/null 3>&- &
	pid=$!
	exec 5>pipe
	wait_until grep -q 'emu-stage: 0 MiB in' log
	echo data >&5
	exec 5>&-
	status=0
	wait $pid || status=$?
	[ "$status" -eq 1 ]
	grep -qx $'.* s\r\e\\[Kemu-stage: pipe: more bytes than -M allows\r' log
	[ ! -s new.json ]
	[ -z "$(ls -A out)" ]
}
