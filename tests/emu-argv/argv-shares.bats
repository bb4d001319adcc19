load ../lib

# Shares over virtio-fs, and helpers: what emu-spawn starts before the emulator.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir bin "it's here"
	PATH=$PWD/bin:$PATH
	printf '#!/bin/sh\necho "      --readonly"\n' >bin/virtiofsd
	chmod +x bin/virtiofsd
	none='{"guest": "none", "target": "x64", "kvm": false, "images": [
		{"name": "demo", "type": "kernel", "path": "/demo"}]}'
	shared=$(jq '.shares = [{path: "it'\''s here", tag: "a,b", driver: "virtiofs", readonly: true},
		{path: "/", tag: "all", driver: "virtiofs"}, {path: "bin", tag: "nine"}]' <<<"$none")
}

refuse() {
	expect_error 1 "emu-argv: <stdin>: $1" emu-argv <<<"$2"
}

@test "a share over virtio-fs is a helper, its device and memory that both have" {
	run -0 --separate-stderr emu-argv -j <<<"$shared"
	jq -e --arg p "$PWD" '.[0:4] == ["-H",
		"virtiofs0.sock=exec virtiofsd --socket-path=virtiofs0.sock --log-level=error --inode-file-handles=prefer --no-announce-submounts --shared-dir='\''\($p)/it'\''\\'\'''\''s here'\'' --readonly",
		"-H",
		"virtiofs1.sock=exec virtiofsd --socket-path=virtiofs1.sock --log-level=error --inode-file-handles=prefer --no-announce-submounts --shared-dir='\''/'\'' --sandbox=none"]' <<<"$output"
	jq -e '.[4] == "qemu-system-x86_64"' <<<"$output"
	words=$(jq -r 'join(" ")' <<<"$output")
	[[ $words = *' -machine q35,memory-backend=shared '* ]]
	[[ $words = *' -chardev socket,id=virtiofs0,path=virtiofs0.sock -device vhost-user-fs-pci,chardev=virtiofs0,tag=a,,b -chardev socket,id=virtiofs1,path=virtiofs1.sock -device vhost-user-fs-pci,chardev=virtiofs1,tag=all -fsdev local,id=share2,'* ]]
	[[ $words = *' -object memory-backend-memfd,id=shared,share=on,size=1024M '* ]]
	[[ $(emu-argv -j <<<"$(jq '.machine = "pc,hpet=off" | .memory = 77' <<<"$shared")") = *'"pc,hpet=off,memory-backend=shared"'*size=77M* ]]
	[[ $(emu-argv -j <<<"$(jq '.target = "s390x"' <<<"$shared")") = *vhost-user-fs-ccw* ]]
	[[ $(emu-argv -j <<<"$none") != *memory-backend* ]]
}

@test "the words with helpers are emu-spawn's, in every form" {
	emu-argv -N <<<"$shared" >words
	eval "printf '%s\0' $(emu-argv -Ns <<<"$shared")" >line
	printf 'emu-spawn\0' | cat - words | cmp - line
	[[ $(emu-argv -e <<<"$shared" | sed -n 1p) = "-H "*$'\tshares[0]' ]]
	run -0 --separate-stderr emu-argv -p <<<"$shared"
}

@test "a helper of the document comes first" {
	run -0 --separate-stderr emu-argv -j <<<"$(jq '.helpers = [{command: "swtpm socket '\''a b'\''", socket: "tpm.sock"}]' <<<"$shared")"
	jq -e '.[0:2] == ["-H", "tpm.sock=swtpm socket '\''a b'\''"] and (.[3] | startswith("virtiofs0"))' <<<"$output"
	refuse 'helpers[0].socket: missing' "$(jq '.helpers = [{command: "x"}]' <<<"$none")"
	refuse 'helpers[0].command: missing' "$(jq '.helpers = [{socket: "x"}]' <<<"$none")"
	refuse 'helpers[0].socket: a "=" in it: "a=b"' "$(jq '.helpers = [{command: "x", socket: "a=b"}]' <<<"$none")"
}

@test "what virtio-fs cannot do is refused" {
	refuse 'shares[0].security: is for driver "9p" alone' "$(jq '.shares[0].security = "none"' <<<"$shared")"
	refuse 'shares[0].driver: expected "9p" or "virtiofs", not "nfs"' "$(jq '.shares[0].driver = "nfs"' <<<"$shared")"
	refuse 'shares[0].driver: "virtiofs" needs type "qemu"' "$(jq '.guest = "fuchsia" | .type = "aemu" | .cpu = 1 | .memory = 99 |
		.images = [{name: "qemu-kernel", type: "kernel", path: "k"}, {name: "zircon-a", type: "zbi", path: "z"}]' <<<"$shared")"
}

# without COMMAND...: runs it where no virtiofsd of the system is.
without() {
	unshare -rm sh -c 'for d in /usr/libexec /usr/lib/qemu; do
			[ ! -e $d/virtiofsd ] || mount -t tmpfs none $d
		done
		[ ! -e /usr/lib/virtiofsd ] || mount --bind /dev/null /usr/lib/virtiofsd
		"$@"' without "$@"
}

@test "a virtiofsd that is missing, or cannot keep a share read-only, is named" {
	unshare -rm true || skip 'no user namespaces'
	printf '#!/bin/sh\necho "   --fd=FDNUM"\n' >bin/virtiofsd
	expect_error 1 'emu-argv: <stdin>: shares[0].driver: virtiofsd cannot keep a share read-only; virtiofsd 1.11 or newer can (Debian 13: virtiofsd)' \
		without emu-argv <<<"$shared"
	rm bin/virtiofsd
	expect_error 1 'emu-argv: <stdin>: shares[0].driver: virtiofsd: not found (Debian: virtiofsd)' \
		without emu-argv <<<"$shared"
}
