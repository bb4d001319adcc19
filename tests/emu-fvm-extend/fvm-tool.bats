load ../lib

setup() {
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work"
	mkdir -m 700 scratch
	"$EMU_BUILD/tests/emu-fvm-extend/image" make x.img 32768 aab.DbD..a.b....
	cp x.img old.img
	echo '{"fvm_tool":"tool","images":[{"type":"blk","name":"storage-full","path":"x.img"}]}' >d.json
	# Nothing of PATH is wanted.
	mkdir bin
	tool 'exit 9'
	mv tool bin
	PATH=$PWD/bin:$PATH
}

# tool LINE...: makes the tool a shell script of these lines.
tool() {
	{
		echo '#!/bin/sh'
		printf '%s\n' "$@"
	} >tool
	chmod +x tool
}

extend() {
	emu-fvm-extend -d scratch d.json
}

@test "fvm runs the document's tool as botanist does" {
	tool 'grep -E "^(NoNewPrivs|Seccomp):" /proc/$$/status >rights' \
		'printf "%s\n" "$0" "$@" >args; pwd >>args; echo to stdout; echo to stderr >&2; truncate -s "$4" "$1"; cat >in'
	run -0 --separate-stderr extend
	[ "$(cat args)" = "$PWD/tool
$PWD/scratch/blk_storage-full
extend
--length
10000000000
$PWD" ]
	[ "$stderr" = $'to stdout\nto stderr' ]
	[ ! -s in ]
	# The tool may do what we may.
	grep -E '^(NoNewPrivs|Seccomp):' /proc/$$/status | cmp rights
	[ "$(jq -c .images[0] <<<"$output")" = \
		"{\"type\":\"blk\",\"name\":\"storage-full\",\"path\":\"$PWD/scratch/blk_storage-full\",\"size\":10000000000,\"staged\":true}" ]
	[ "$(jq -r .fvm_tool <<<"$output")" = tool ]
	cmp x.img old.img
	cmp -n 688128 scratch/blk_storage-full old.img
}

@test "fvm -v names the image that the document's tool has grown" {
	tool 'truncate -s "$4" "$1"'
	run -0 --separate-stderr emu-fvm-extend -v -d scratch d.json
	[ "$stderr" = 'emu-fvm-extend: x.img: 688128 to 10000000000 bytes, by fvm_tool' ]
	rm scratch/*
	run -0 --separate-stderr emu-fvm-extend -jv -d scratch d.json
	[ "$(jq -r .image <<<"$stderr")" = x.img ]
}

@test "fvm runs the tool on a staged copy" {
	tool 'truncate -s "$4" "$1.tmp" && mv "$1.tmp" "$1"'
	cp x.img scratch/mine
	chmod 600 scratch/mine
	sed -i 's|"x.img"|"scratch/mine","staged":true|' d.json
	emu-fvm-extend -d scratch -l 3G d.json >out.json
	[ "$(stat -c %s scratch/mine)" = 3221225472 ]
	[ "$(jq -r .images[0].path out.json)" = "$PWD/scratch/mine" ]
	[ "$(ls -A scratch)" = mine ]
}

@test "fvm does not run the tool when there is nothing to do" {
	tool 'echo run >ran'
	emu-fvm-extend -d scratch -l 600K d.json >out.json
	[ "$(jq -r .images[0].path out.json)" = x.img ]
	run -0 emu-fvm-extend -n -d scratch d.json
	[ "$output" = "x.img: 688128 to 10000000000 bytes, by fvm_tool" ]
	[ ! -e ran ]
	[ -z "$(ls -A scratch)" ]
	sed -i 's/"tool"/""/' d.json
	extend >out.json
	[ ! -e ran ]
	"$EMU_BUILD/tests/emu-fvm-extend/image" check scratch/blk_storage-full 10000000000
}

@test "fvm fails when the tool does" {
	tool 'echo oops >&2; touch "$1.tmp"; exit 255'
	expect_error 1 "oops
emu-fvm-extend: $PWD/tool: exited 255" extend
	tool 'kill -SEGV $$'
	expect_error 1 "emu-fvm-extend: $PWD/tool: died of signal 11" extend
	tool 'rm "$1"'
	expect_error 1 "emu-fvm-extend: $PWD/scratch/blk_storage-full: No such file or directory" extend
	tool ':'
	expect_error 1 "emu-fvm-extend: $PWD/tool: exited 0, but $PWD/scratch/blk_storage-full has 688128 bytes, not 10000000000" extend
	rm tool
	expect_error 1 "emu-fvm-extend: $PWD/tool: No such file or directory" extend
	mkdir tool
	expect_error 1 "emu-fvm-extend: $PWD/tool: Permission denied" extend
	# Its own path is relative to a directory that is gone.
	mkdir gone
	sed "s|x.img|$PWD/&|" d.json >absolute.json
	expect_error 1 "emu-fvm-extend: tool: No such file or directory" \
		sh -c 'cd gone && rmdir ../gone && exec emu-fvm-extend -d "$1/scratch" "$1/absolute.json"' - "$PWD"
	sed -i 's/"tool"/5/' d.json
	expect_error 1 "emu-fvm-extend: d.json: fvm_tool: expected a string" extend
	[ -z "$(ls -A scratch)" ]
	cmp x.img old.img
}

@test "fvm kills a tool that takes too long" {
	tool 'echo $$ >pid; exec sleep 100'
	EMU_TIME_SCALE=0.002 expect_error 1 "emu-fvm-extend: $PWD/tool: killed: not done within 0.6 s" extend
	gone "$(cat pid)"
	[ -z "$(ls -A scratch)" ]
}

@test "what a tool started does not outlive it" {
	tool 'echo $$ >pid; sleep 9971 & echo $! >sleeper; wait' 'true'
	EMU_TIME_SCALE=0.005 expect_error 1 "emu-fvm-extend: $PWD/tool: killed: not done within 1.5 s" extend
	gone "$(cat pid)"
	wait_until gone "$(cat sleeper)"
	tool 'sleep 9971 & echo $! >sleeper; truncate -s "$4" "$1"'
	extend >out.json
	wait_until gone "$(cat sleeper)"
}

@test "a tool dies with fvm" {
	tool 'echo $$ >pid.new; mv pid.new pid; exec sleep 100'
	emu-fvm-extend -d scratch d.json >out.json 3>&- &
	wait_until test -s pid
	kill -KILL $!
	wait $! || :
	wait_until gone "$(cat pid)"
	[ ! -s out.json ]
}

@test "fvm checks what an entry says of its file" {
	sum=$(sha256sum <x.img)
	entry() {
		printf '{"images":[{"type":"blk","name":"storage-full","path":"x.img",%s}]}' "$1" >d.json
	}
	entry '"sha256":"'"${sum%% *}"'","size":688128'
	extend >out.json
	# It is another file now.
	[ "$(jq -c '.images[0] | .sha256, .size' out.json)" = $'null\n10000000000' ]
	rm scratch/*
	entry '"sha256":"00"'
	expect_error 1 "emu-fvm-extend: d.json: images[0].sha256: expected 64 hexadecimal digits" extend
	other=$(printf '%064d' 0)
	entry '"sha256":"'"$other"'"'
	expect_error 1 "emu-fvm-extend: x.img: has sha256 ${sum%% *}, not $other" extend
	entry '"extract":"fvm.blk"'
	expect_error 1 "emu-fvm-extend: d.json: images[0].extract: emu-stage has to do that first" extend
	entry '"decompress":true'
	expect_error 1 "emu-fvm-extend: d.json: images[0].decompress: emu-stage has to do that first" extend
	entry '"decompress":false,"convert":null'
	extend >out.json
	rm scratch/*
	entry '"size":1'
	expect_error 1 "emu-fvm-extend: x.img: has 688128 bytes, not the 1 of its size" extend
	mv x.img y.img
	mkfifo x.img
	entry '"size":1'
	expect_error 1 "emu-fvm-extend: x.img: not a regular file" timeout 10 emu-fvm-extend -d scratch d.json
	[ -z "$(ls -A scratch)" ]
}

@test "fvm refuses a directory that others can write to" {
	echo '{"images":[{"type":"blk","name":"storage-full","path":"x.img"}]}' >d.json
	chmod 777 scratch
	expect_error 1 "emu-fvm-extend: scratch: others can write there (chmod go-w)" extend
}

@test "fvm between emu-stage and emu-argv, and before emu-stage" {
	echo kernel >kernel
	echo zbi >zbi
	cat >d.json <<-EOF
		{"target":"x64","cpu":1,"memory":64,"user_networking":true,"images":[
		{"type":"kernel","name":"qemu-kernel","path":"kernel"},
		{"type":"zbi","name":"zircon-a","path":"zbi"},
		{"type":"blk","name":"storage-full","path":"x.img"}]}
	EOF
	emu-stage -d scratch d.json | emu-fvm-extend -d scratch | emu-argv -j >words.json
	jq -e --arg f "$PWD/scratch/blk_storage-full" 'any(.[]; contains("file=" + $f))' words.json
	mv scratch after
	mkdir -m 700 scratch
	emu-fvm-extend -d scratch d.json | emu-stage -d scratch | emu-argv -j >words2.json
	cmp words.json words2.json
	"$EMU_BUILD/tests/emu-fvm-extend/image" check scratch/blk_storage-full 10000000000
	"$EMU_BUILD/tests/emu-fvm-extend/image" check after/blk_storage-full 10000000000
	[ "$(ls -A scratch)" = $'blk_storage-full\nkernel_qemu-kernel\nzbi_zircon-a' ]
	cmp x.img old.img
}
