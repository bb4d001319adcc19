load ../lib

# Documents among the files, and what the options add to any document.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	printf '[{"type": "qemu", "target": "x64", "cpu": 1, "memory": 64, "user_networking": true}]' >qemu.json
	echo k >k
	mkdir out
	printf '[{"name": "qemu-kernel", "type": "kernel", "path": "../k"}]' >out/images.json
	printf 'HdrS' | dd of=bzImage bs=1 seek=514 conv=notrunc status=none
}

doc() {
	local filter=$1
	shift
	emu-doc "$@" | jq -c "$filter"
}

@test "a document is printed as it is, an array of one unwrapped" {
	[ "$(doc . qemu.json)" = "$(jq -c '.[0]' qemu.json)" ]
	[ "$(doc . - <qemu.json)" = "$(jq -c '.[0]' qemu.json)" ]
	[ "$(doc . <(cat qemu.json))" = "$(jq -c '.[0]' qemu.json)" ]
	printf '{"memroy": 12345678901234567, "$c": "kept"}' >odd.json
	run -0 emu-doc odd.json
	[ "$output" = $'{\n  "memroy": 12345678901234567,\n  "$c": "kept"\n}' ]
	printf '[{"target": "x64"}, {"target": "arm64"}]' >two.json
	expect_error 1 "emu-doc: two.json: an array of 2 elements: pick one with jq '.[0]'" emu-doc two.json
	expect_error 1 'emu-doc: <stdin>: empty' emu-doc - </dev/null
}

@test "a manifest beside a document gives it its images" {
	[ "$(doc .images qemu.json out/images.json)" = \
		"[{\"name\":\"qemu-kernel\",\"type\":\"kernel\",\"path\":\"$PWD/out/../k\"}]" ]
	[ "$(doc .images out/images.json qemu.json)" = "$(doc .images qemu.json out/images.json)" ]
	expect_error 1 'emu-doc: q2.json: a second document beside qemu.json' \
		sh -c 'cp qemu.json q2.json; emu-doc qemu.json q2.json'
}

@test "an archive beside a document is one that emu-stage takes the images from" {
	need bsdtar zstd
	bsdtar -caf all.tar.zst -C out images.json
	[ "$(doc .archive qemu.json all.tar.zst)" = "\"$PWD/all.tar.zst\"" ]
	mkdir -m 700 scratch
	cp k out/k
	printf '[{"name": "qemu-kernel", "type": "kernel", "path": "k"}]' >out/images.json
	bsdtar -caf all.tar.zst -C out images.json k
	# shellcheck disable=SC2016 # jq's
	emu-doc qemu.json all.tar.zst | EMU_SCRATCH=$PWD/scratch emu-stage >staged
	jq -e '.images[0].staged and (has("archive") | not)' staged
	cmp k scratch/kernel_qemu-kernel
	expect_error 1 'emu-doc: all.tar.zst: a second archive' emu-doc qemu.json all.tar.zst all.tar.zst
}

@test "what boots by itself does not stand beside a document" {
	bytes=$(printf '0707010')
	printf '%s' "$bytes" >initrd
	head -c 4096 /dev/zero >>initrd
	run -1 --separate-stderr emu-doc qemu.json initrd
	[[ $stderr = 'emu-doc: initrd: '*' beside a document (qemu.json), which names its files' ]]
}

@test "options add to a document, behind what it has" {
	printf '{"guest": "linux", "target": "x64", "args": ["one"], "extra": ["-S"], "shares": [{"path": "/x", "tag": "x"}]}' >d.json
	[ "$(doc '[.args, .extra, .cpu, .memory, .kvm]' -a two -a 'a  b' -e -s -e '-gdb tcp::1' -c 3 -m 99 -k yes d.json)" = \
		'[["one","two","a  b"],["-S","-s","-gdb tcp::1"],3,99,true]' ]
	[ "$(doc '[.kvm, .target]' -k no -A arm64 d.json)" = '[false,"arm64"]' ]
	[ "$(doc .kvm -k auto d.json)" = '"auto"' ]
	mkdir dir
	[ "$(doc .shares -s dir -s 'my=dir' d.json)" = \
		"[{\"path\":\"/x\",\"tag\":\"x\"},{\"path\":\"$PWD/dir\",\"tag\":\"share1\"},{\"path\":\"$PWD/dir\",\"tag\":\"my\"}]" ]
	expect_error 1 'emu-doc: -s nowhere: No such file or directory' emu-doc -s nowhere d.json
	printf '{"args": 5}' >bad.json
	expect_error 1 'emu-doc: bad.json: args: expected an array' emu-doc -a x bad.json
}

@test "-f forwards ports" {
	printf '{"guest": "linux", "target": "x64"}' >d.json
	[ "$(doc '.netdevs[0].forwards|map([.protocol, .address, .host, .guest])' -f 2222:22 -f :80 -f udp:5353:53 -f 0.0.0.0:8080:80 -f udp:127.0.0.1::69 d.json)" = \
		'[[null,null,2222,22],[null,null,0,80],["udp",null,5353,53],[null,"0.0.0.0",8080,80],["udp","127.0.0.1",0,69]]' ]
	# The device that is there gets them.
	printf '{"netdevs": [{"backend": "tap"}, {"backend": "user", "id": "n", "forwards": [{"host": 1, "guest": 2}]}]}' >d.json
	[ "$(doc '.netdevs|map([.backend, (.forwards // [] | length)])' -f 2222:22 d.json)" = '[["tap",0],["user",2]]' ]
	for rule in 22 a:22 1:b 1: : 70000:22 22:0 '' udp: 1:2:; do
		run -1 --separate-stderr emu-doc -f "$rule" d.json
		[ "$stderr" = "emu-doc: -f $rule: expected [udp:][address:]host:guest" ] || { echo "$rule: $stderr"; false; }
	done
}

@test "-u leaves the disks to the guest" {
	printf '{"guest": "none", "target": "x64", "images": [{"name": "a", "type": "blk", "path": "k"},
		{"name": "b", "type": "kernel", "path": "k"}]}' >d.json
	[ "$(doc '.images|map(.staged)' -u d.json)" = '[true,null]' ]
	expect_error 1 'emu-doc: qemu.json: -u: no disk to write to' emu-doc -u qemu.json
	[ "$(id -u)" -eq 0 ] || return 0
	mv k real
	ln -s real k
	emu-doc -u d.json >/dev/null
	chown -h 65534 k
	expect_error 1 "emu-doc: k: -u: a symbolic link of another user" emu-doc -u d.json
}
