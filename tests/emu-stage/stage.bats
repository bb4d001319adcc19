load ../images

# doc NAME:TYPE:PATH...: a document with these images.
doc() {
	local i n t p first=1
	printf '{"guest": "linux", "images": ['
	for i; do
		IFS=: read -r n t p <<<"$i"
		[ $first = 1 ] || printf ', '
		first=0
		printf '{"name": "%s", "type": "%s", "path": "%s"}' "$n" "$t" "$p"
	done
	printf ']}\n'
}

blocks() {
	stat -c %b "$1"
}

@test "stage copies the images and prints their new paths" {
	echo kernel >k
	echo disk >d
	run -0 --separate-stderr emu-stage <<<"$(doc k:kernel:k d:blk:./d)"
	[ -z "$stderr" ]
	[ "$(jq -c .images <<<"$output")" = "[$(
		)"'{"name":"k","type":"kernel","path":"'"$PWD"'/out/kernel_k","size":7,"staged":true},'"$(
		)"'{"name":"d","type":"blk","path":"'"$PWD"'/out/blk_d","size":5,"staged":true}]' ]
	cmp k out/kernel_k
	cmp d out/blk_d
	left blk_d kernel_k
}

@test "stage keeps every other key, their order and the numbers" {
	echo 1 >k
	cat >doc.json <<-'END'
	{"x-note": [1.50, 9223372036854775807], "memory": 512, "images": [{"x-a": 0.5, "name": "k", "type": "kernel", "path": "k", "args": ["b"]}], "guest": "none"}
	END
	emu-stage doc.json >new.json
	[ "$(jq -c 'keys_unsorted' new.json)" = '["x-note","memory","images","guest"]' ]
	[ "$(jq -c '.images[0]|keys_unsorted' new.json)" = '["x-a","name","type","path","args","size","staged"]' ]
	grep -q '^    1\.5,$' new.json
	grep -q '^    9223372036854775807$' new.json
}

@test "stage makes copies that are writable and private whatever the source's mode" {
	echo 1 >k
	chmod 444 k
	emu-stage <<<"$(doc k:blk:k)" >/dev/null
	[ "$(stat -c %a out/blk_k)" = 600 ]
}

@test "stage takes -d before EMU_SCRATCH" {
	mkdir -m 700 other
	echo 1 >k
	emu-stage -d other <<<"$(doc k:kernel:k)" >/dev/null
	[ -e other/kernel_k ]
	left
}

@test "stage takes a manifest's paths from the manifest's directory" {
	mkdir -p build/img
	echo kernel >build/img/k
	echo '[{"name": "k", "type": "kernel", "path": "img/k"}]' >build/images.json
	echo '{"guest": "linux"}' | emu-stage -i build/images.json >new.json
	[ "$(jq -r '.images[0].path' new.json)" = "$PWD/out/kernel_k" ]
	cmp build/img/k out/kernel_k
}

@test "stage copies what a Fuchsia guest uses and does not look at the rest" {
	for f in k z d; do echo $f >$f; done
	cat >doc.json <<-'END'
	{"target": "x64", "images": [
	{"name": "qemu-kernel", "type": "kernel", "path": "k"},
	{"name": "zircon-a", "type": "zbi", "path": "z"},
	{"name": "storage-full", "type": "blk", "path": "d"},
	{"name": "qemu-kernel", "type": "kernel", "path": "gone", "cpu": "arm64"},
	{"name": "zircon-r", "type": "zbi", "path": "gone"}]}
	END
	emu-stage doc.json >new.json
	left blk_storage-full kernel_qemu-kernel zbi_zircon-a
	[ "$(jq -c '[.images[].path]' new.json)" = "[\"$PWD/out/kernel_qemu-kernel\",\"$PWD/out/zbi_zircon-a\",\"$PWD/out/blk_storage-full\",\"gone\",\"gone\"]" ]
}

@test "stage leaves marked entries alone" {
	echo '{"guest":"none","images":[{"name":"k","type":"kernel","path":"/gone","staged":true}]}' |
		emu-stage >new.json
	[ "$(jq -r '.images[0].path' new.json)" = /gone ]
	left
}

@test "stage is done at once with what it has staged" {
	echo 1 >k
	emu-stage <<<"$(doc k:kernel:k)" >one.json
	emu-stage one.json >two.json
	cmp one.json two.json
	# In another directory as well, and with what an overlay rests on.
	need qemu-img
	truncate -s 1M base
	qemu-img create -q -f qcow2 -b base -F raw top 1M
	mkdir -m 700 other
	jq -n '{guest: "none", images: [
		{name: "d", type: "blk", path: "top", format: "qcow2", backing: "base"},
		{name: "b", type: "blk", path: "base"}]}' | emu-stage -o >one.json
	[ "$(jq -c '.images | map(.backing)' one.json)" = "[[\"$PWD/top\",\"base\"],[\"$PWD/base\"]]" ]
	emu-stage -d other one.json >two.json
	cmp one.json two.json
	[ -z "$(ls -A other)" ]
}

@test "stage keeps holes and makes zeros into holes" {
	truncate -s 1G sparse
	head -c 100000 /dev/urandom | dd of=sparse bs=4096 seek=1000 conv=notrunc status=none
	head -c 100000 /dev/urandom | dd of=sparse bs=4096 seek=200000 conv=notrunc status=none
	{ head -c 3000000 /dev/urandom; head -c 60000000 /dev/zero; head -c 3000000 /dev/urandom; } >zeros
	emu-stage <<<"$(doc s:blk:sparse z:blk:zeros)" >/dev/null
	cmp sparse out/blk_s
	cmp zeros out/blk_z
	[ "$(blocks out/blk_s)" -le "$(blocks sparse)" ]
	[ "$(blocks out/blk_z)" -le 16000 ]
}

@test "stage copies every size around its blocks" {
	local n images=()
	for n in 0 1 511 4095 4096 4097 65535 65536 65537 262143 262144 262145 1048577 67108863 67108864 67108865; do
		head -c $n /dev/urandom >f$n
		images+=("$n:blk:f$n")
	done
	emu-stage <<<"$(doc "${images[@]}")" >/dev/null
	for n in "${images[@]%%:*}"; do cmp "f$n" "out/blk_$n"; done
}

@test "stage copies many images at once" {
	local n images=()
	for n in {1..300}; do
		echo "image $n" >"f$n"
		images+=("$n:blk:f$n")
	done
	emu-stage <<<"$(doc "${images[@]}")" >/dev/null
	for n in {1..300}; do [ "$(cat "out/blk_$n")" = "image $n" ]; done
}

@test "stage -L links what the guest only reads" {
	echo k >k
	echo d >d
	run -0 --separate-stderr emu-stage -Lv <<<"$(doc k:kernel:k d:blk:d)"
	[ k -ef out/kernel_k ]
	[ ! d -ef out/blk_d ]
	[ "$stderr" = 'emu-stage: kernel_k: linked, 2 bytes
emu-stage: blk_d: copied, 2 bytes, 2 written, 0 in holes' ]
	# Whatever its type, the guest writes to what is a disk of its.
	for uses in '"drives": [{"image": "kernel_k"}]' '"flash": {"vars": "kernel_k"}' '"flash": {"disk": "kernel_k"}'; do
		rm out/*
		emu-stage -L <<<"$(doc k:kernel:k | jq ". + {$uses}")" >/dev/null
		[ ! k -ef out/kernel_k ]
		cmp k out/kernel_k
	done
}

@test "stage -L links to another file system by name" {
	[ "$(stat -c %d /dev/shm)" != "$(stat -c %d .)" ] || skip "one file system"
	local other
	other=$(mktemp -p /dev/shm)
	echo k >"$other"
	emu-stage -L <<<"$(doc "k:kernel:$other")" >/dev/null
	[ "$(readlink out/kernel_k)" = "$other" ]
	rm "$other"
}

@test "stage gives minfs its own copy in place, with mode and group" {
	head -c 100000 /dev/urandom >cache
	chmod 640 cache
	ln cache minfs.img
	[ "$(id -u)" -ne 0 ] || chown 0:34 cache
	echo '{"minfs": {"image": "minfs.img", "pci_address": "06.0"}}' | emu-stage >new.json
	[ "$(jq -c .minfs new.json)" = '{"image":"'"$PWD"'/minfs.img","pci_address":"06.0"}' ]
	[ ! cache -ef minfs.img ]
	cmp cache minfs.img
	[ "$(stat -c %a:%u:%g minfs.img)" = "$(stat -c %a:%u:%g cache)" ]
	[ "$(ls -A)" = "$(printf '%s\n' cache minfs.img new.json out)" ]
}

@test "stage takes neither mode nor owner from somebody else's minfs" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	head -c 100000 /dev/urandom >cache
	chown 12:34 cache
	chmod 4777 cache
	ln cache minfs.img
	echo '{"minfs": {"image": "minfs.img"}}' | emu-stage >new.json
	cmp cache minfs.img
	[ "$(stat -c %a:%u:%g minfs.img)" = 600:0:0 ]
}

@test "stage leaves a minfs alone that has one name" {
	echo 1 >minfs.img
	local before
	before=$(stat -c %i minfs.img)
	echo '{"minfs": {"image": "minfs.img"}}' | emu-stage -v >/dev/null 2>err
	[ "$(stat -c %i minfs.img)" = "$before" ]
	[ "$(cat err)" = 'emu-stage: minfs: left as it is: it has one link' ]
}

@test "stage says which document, manifest or image is wrong" {
	echo 1 >k
	mkdir dir
	expect_error 1 'emu-stage: <stdin>: empty' emu-stage </dev/null
	expect_error 1 'emu-stage: gone.json: No such file or directory' emu-stage gone.json
	expect_error 1 'emu-stage: gone.json: No such file or directory' emu-stage -i gone.json <<<'{}'
	expect_error 1 'emu-stage: gone: No such file or directory' emu-stage <<<"$(doc k:kernel:k g:blk:gone)"
	expect_error 1 'emu-stage: dir: Is a directory' emu-stage <<<"$(doc k:kernel:dir)"
	expect_error 1 'emu-stage: /dev/null: not a file' emu-stage <<<"$(doc k:kernel:/dev/null)"
	expect_error 1 'emu-stage: <stdin>: images[0].path: missing' emu-stage <<<"$(doc k:kernel:)"
	expect_error 1 'emu-stage: <stdin>: images[0].name: "../k" has a slash' emu-stage <<<"$(doc ../k:kernel:k)"
	expect_error 1 'emu-stage: <stdin>: images[0].name: "k?emu-stage" has a control character' \
		emu-stage <<<"$(doc 'k\nemu-stage:kernel:k')"
	expect_error 1 'emu-stage: <stdin>: images[1]: kernel_k comes twice' emu-stage <<<"$(doc k:kernel:k k:kernel:k)"
	expect_error 1 'emu-stage: gone: No such file or directory' emu-stage <<<'{"minfs": {"image": "gone"}}'
	expect_error 1 'emu-stage: dir: Is a directory' emu-stage <<<'{"minfs": {"image": "dir"}}'
	mkfifo pipe
	expect_error 1 'emu-stage: pipe: not a regular file' emu-stage <<<'{"minfs": {"image": "pipe"}}'
	expect_error 1 'emu-stage: <stdin>: minfs.image: missing' emu-stage <<<'{"minfs": {}}'
	expect_error 1 'emu-stage: k: 2 bytes, more than -M allows' emu-stage -M 1 <<<"$(doc k:kernel:k)"
	expect_error 1 'emu-stage: k: has 2 bytes, not the 3 of its size' emu-stage \
		<<<'{"guest":"none","images":[{"name":"k","type":"kernel","path":"k","size":3}]}'
	expect_error 1 'emu-stage: <stdin>: images[0].size: must be at least 0' emu-stage \
		<<<'{"guest":"none","images":[{"name":"k","type":"kernel","path":"k","size":-1}]}'
	expect_error 1 'emu-stage: <stdin>: minfs: expected an object' emu-stage <<<'{"minfs": 5}'
	expect_error 1 'emu-stage: <stdin>: minfs.image: expected a string' emu-stage <<<'{"minfs": {"image": 5}}'
	echo '{}' >images.json
	expect_error 1 'emu-stage: images.json: expected an array of images' emu-stage -i images.json <<<'{}'
	echo '[{"name": "a", "type": "kernel"}, {"name": "b", "type": "kernel", "path": ""}]' >images.json
	expect_error 1 'emu-stage: <stdin>: images[0].path: missing' \
		emu-stage -i images.json <<<'{"guest": "none"}'
	expect_error 1 'emu-stage: <stdin>: images: expected an array' \
		emu-stage -i images.json <<<'{"images": 5}'
	left
}

@test "stage names a directory that is not UTF-8, and leaves nothing there" {
	local bad
	bad=$(printf 'o\xff')
	mkdir -m 700 "$bad"
	echo 1 >k
	expect_error 1 "emu-stage: $PWD/$bad/kernel_k: not UTF-8" emu-stage -d "$bad" <<<"$(doc k:kernel:k)"
	[ -z "$(ls -A "$bad")" ]
}

@test "stage wants a directory that is there and the caller's alone" {
	echo 1 >k
	chmod 777 out
	expect_error 1 "emu-stage: $PWD/out: others can write there (chmod go-w)" emu-stage <<<"$(doc k:kernel:k)"
	expect_error 1 "emu-stage: gone: No such file or directory" emu-stage -d gone <<<"$(doc k:kernel:k)"
	expect_error 1 "emu-stage: k: Not a directory" emu-stage -d k <<<"$(doc k:kernel:k)"
	unset EMU_SCRATCH
	expect_error 1 "emu-stage: no directory for the images: -d dir, \$EMU_SCRATCH or emu-scratch(1) gives one" \
		emu-stage <<<"$(doc k:kernel:k)"
	if [ "$(id -u)" -eq 0 ]; then
		mkdir -m 700 theirs
		chown 12 theirs
		expect_error 1 "emu-stage: theirs: belongs to another user" emu-stage -d theirs <<<"$(doc k:kernel:k)"
	fi
}

@test "stage cannot write to a directory that forbids it" {
	echo 1 >k
	chmod 500 out
	if [ "$(id -u)" -eq 0 ]; then
		need setpriv
		chmod 755 "$BATS_TEST_TMPDIR"
		chown 65534 out
		expect_error 1 "emu-stage: $PWD/out: Permission denied" \
			setpriv --reuid 65534 --clear-groups emu-stage <<<"$(doc k:kernel:k)"
	else
		expect_error 1 "emu-stage: $PWD/out: Permission denied" emu-stage <<<"$(doc k:kernel:k)"
	fi
}

@test "stage overwrites nothing" {
	echo 1 >k
	echo old >out/kernel_k
	expect_error 1 "emu-stage: $PWD/out/kernel_k: File exists" emu-stage <<<"$(doc d:blk:k k:kernel:k)"
	[ "$(cat out/kernel_k)" = old ]
	left kernel_k
}

@test "stage knows a full disk before it writes" {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	mkdir small
	mount -t tmpfs -o size=1m,mode=700 tmpfs small || skip "no mount"
	head -c 3000000 /dev/urandom >d
	run --separate-stderr emu-stage -d small <<<"$(doc d:blk:d)"
	ls -A small >listing
	umount small
	[ "$status" -eq 1 ]
	[ "$stderr" = "emu-stage: $PWD/small: No space left on device: the images need 3 MiB, 1 are free" ]
	[ -z "$output" ]
	[ ! -s listing ]
}

@test "stage leaves nothing of a file that is larger than one may be" {
	head -c 300000 /dev/urandom >k
	doc k:kernel:k >doc.json
	expect_error 1 "emu-stage: $PWD/out/kernel_k: File too large" \
		bash -c 'ulimit -f 100; emu-stage doc.json'
	left ''
}

@test "stage leaves nothing when its output cannot be written" {
	echo 1 >k
	doc k:kernel:k >doc.json
	run --separate-stderr sh -c 'emu-stage doc.json >/dev/full'
	[ "$status" -eq 1 ]
	[ "$stderr" = 'emu-stage: <stdout>: No space left on device' ]
	left
	run --separate-stderr sh -c 'emu-stage doc.json >&-'
	[ "$status" -eq 1 ]
	[ "$stderr" = 'emu-stage: <stdout>: Bad file descriptor' ]
	left
	run --separate-stderr bash -c 'set -o pipefail; { sleep 0.2; emu-stage doc.json; } | true'
	[ "$status" -eq 1 ]
	[ "$stderr" = 'emu-stage: <stdout>: Broken pipe' ]
	left
}

@test "stage takes more images than files may be open" {
	head -c 3000 /dev/urandom >d
	gzip -c d >d.gz
	jq -n '{guest: "none", images: [range(1500) | {name: "\(.)", type: "blk", path: "d"}]}' >doc.json
	(ulimit -n 256 && emu-stage doc.json >new.json)
	[ "$(ls out | wc -l)" -eq 1500 ]
	[ "$(jq '[.images[] | select(.staged)] | length' new.json)" -eq 1500 ]
	cat out/* | cmp - <(for ((i = 0; i < 1500; i++)); do cat d; done)
	[ -z "$(find out -name '.*' -type f)" ]
	rm -r out
	mkdir -m 700 out
	jq '.images[:200][] |= . + {path: "d.gz", decompress: true}' doc.json >mixed.json
	(ulimit -n 256 && emu-stage mixed.json >new.json)
	cat out/* | cmp - <(for ((i = 0; i < 1500; i++)); do cat d; done)
}

@test "stage does not take what it has read from standard input for an image" {
	echo x >k
	expect_error 1 'emu-stage: /dev/stdin: standard input has one use only' \
		sh -c 'cat "$1" | emu-stage' - <(doc k:kernel:/dev/stdin)
	left
	doc k:kernel:/dev/stdin >doc.json
	ln -s /proc/self/fd/0 link
	for name in /dev/stdin /dev/fd/0 /proc/self/fd/0 link; do
		jq --arg name $name '.images[0].path = $name' doc.json >d.json
		for operand in '' - /dev/stdin /dev/fd/0; do
			expect_error 1 "emu-stage: $name: standard input has one use only" \
				sh -c "cat d.json | emu-stage $operand"
		done
	done
	doc >none.json
	expect_error 1 "emu-stage: /dev/stdin: standard input has one use only" \
		sh -c "jq .images doc.json | emu-stage -i /dev/stdin none.json"
	left
	run -0 --separate-stderr sh -c 'echo data | emu-stage "$1"' - <(doc k:kernel:/dev/stdin)
	[ "$(cat out/kernel_k)" = data ]
}

@test "stage takes a format for a word" {
	echo x >d
	for bad in raw,file=/other 'a b' Raw a_b $'a\nb'; do
		jq -n --arg f "$bad" '{guest: "none", images: [{name: "d", type: "blk", path: "d", format: $f}]}' >doc.json
		expect_error 1 'emu-stage: doc.json: images[0].format: expected a word of a-z, 0-9 and -' \
			emu-stage doc.json
	done
	left
}

@test "stage refuses a wrong command line with status 2" {
	usage='usage: emu-stage [-Lov] [-c cache [-C size]] [-d dir] [-i images.json]
                 [-M size] [-x archive] [document]
       emu-stage -I zbi'
	expect_error 2 "emu-stage: -Z: unknown option
$usage" emu-stage -Z
	expect_error 2 "emu-stage: b: one document only
$usage" emu-stage a b
	expect_error 2 "emu-stage: -M: not a size: x
$usage" emu-stage -M x
	expect_error 2 "emu-stage: standard input has one use only
$usage" emu-stage -x - -d out
	expect_error 2 "emu-stage: standard input has one use only
$usage" sh -c ': | emu-stage -x /dev/stdin -d out'
	expect_error 2 "emu-stage: -C: without -c
$usage" emu-stage -C 1G
	run -0 emu-stage -V
	[ "$output" = 'emu-stage 0.1' ]
}

# started ARG...: emu-stage in the background (pid), all signals at their default.
started() {
	env --default-signal emu-stage "$@" 2>err 3>&- &
	pid=$!
}

@test "stage dies of a signal and leaves nothing when its reader does not read" {
	echo 1 >k
	jq '. + {"x-long": [range(50000)]}' \
		<<<"$(doc k:kernel:k)" >doc.json
	mkfifo pipe
	local s pid number
	for s in INT TERM HUP; do
		exec 4<>pipe
		started doc.json >pipe
		wait_until test -e out/kernel_k
		kill -"$s" "$pid"
		number=0
		wait "$pid" || number=$?
		exec 4>&-
		[ "$number" -eq $((128 + $(kill -l $s))) ]
		[ ! -s err ]
		left
	done
}

@test "stage killed at any moment leaves all or nothing" {
	head -c 30000000 /dev/urandom >d
	doc d:blk:d e:blk:d f:blk:d >doc.json
	local s i pid number
	for s in INT TERM KILL; do
		for ((i = 0; i < EMU_TEST_N; i++)); do
			started doc.json >new.json
			sleep "0.0$((RANDOM % 4))$((RANDOM % 10))"
			kill -$s "$pid" 2>/dev/null || :
			number=0
			wait "$pid" || number=$?
			if [ "$number" -eq 0 ]; then
				left blk_d blk_e blk_f
				jq -e . new.json >/dev/null
				rm out/*
			elif [ "$s" != KILL ]; then
				[ "$number" -eq $((128 + $(kill -l $s))) ]
				left
			else
				for f in out/*; do [ ! -e "$f" ] || cmp d "$f"; done
				rm -f out/*
			fi
		done
	done
}
