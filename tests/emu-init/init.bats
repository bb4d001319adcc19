load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -m 700 scratch
	export EMU_SCRATCH=$PWD/scratch
	# A bzImage's header as emu-init reads it: "HdrS", and where the version is.
	head -c 4096 /dev/zero >bzImage
	printf 'HdrS' | dd of=bzImage bs=1 seek=514 conv=notrunc status=none
	printf '\0\4' | dd of=bzImage bs=1 seek=526 conv=notrunc status=none
	printf '6.1.0-test (a@b)' | dd of=bzImage bs=1 seek=1536 conv=notrunc status=none
	echo '{"guest": "linux", "target": "x64", "images":
		[{"name": "guest", "type": "kernel", "path": "bzImage"}]}' >doc.json
}

# module NAME [DEPENDS]: a file that has the modinfo of a module.
module() {
	mkdir -p modules/kernel
	printf '\177ELF\0license=GPL\0depends=%s\0name=%s\0' "${2-}" "$1" >"modules/kernel/$1.ko"
	echo "kernel/$1.ko" >>modules/modules.order
	touch modules/modules.builtin
}

# members: the initrd's names in order.
members() {
	cpio -it --quiet <scratch/emu-init.cpio
}

# The records of the initrd's configuration, a line each.
config() {
	(mkdir -p x && cd x && cpio -idu --quiet 'emu/config' <../scratch/emu-init.cpio)
	tr '\0' '\n' <x/emu/config
}

@test "init adds an initrd, the root as a read-only share, and the ports" {
	emu-init doc.json -- true >out.json
	jq -e --arg p "$PWD" '.images[1] == {"name": "emu-init", "type": "initrd",
		"path": ($p + "/scratch/emu-init.cpio"), "staged": true}' out.json
	jq -e '.shares == [{"path": "/", "tag": "emu-root", "readonly": true, "driver": "9p"}]' out.json
	jq -e '.command_ports == true' out.json
	[ "$(members | tr '\n' ' ')" = 'dev emu emu/modules proc root sys init emu/config ' ]
}

@test "init keeps the shares and images that the document has" {
	jq '.shares = [{"path": "x", "tag": "mine"}]' doc.json | emu-init -- true >out.json
	jq -e '.shares | map(.tag) == ["mine", "emu-root"]' out.json
}

@test "the command's words, the user and the directory reach the guest as they are" {
	EMU_SCRATCH=$EMU_SCRATCH emu-init doc.json -- printf '%s' 'a  b' '' "it's" $'two\nlines' >/dev/null
	mkdir x
	(cd x && cpio -idu --quiet emu/config <../scratch/emu-init.cpio)
	printf '%s\0' "root=emu-root" type=9p "directory=$PWD" >want
	head -c "$(stat -c %s want)" x/emu/config | cmp - want
	printf '%s\0' 'arg=printf' 'arg=%s' 'arg=a  b' 'arg=' "arg=it's" $'arg=two\nlines' >want
	tail -c "$(stat -c %s want)" x/emu/config | cmp - want
	run -0 config
	[[ $output = *"uid=$(id -u)"* ]]
	[[ $output = *"gid=$(id -g)"* ]]
	[[ $output = *"env=PATH=$PATH"* ]]
}

@test "-B makes a directory writable, under its own path" {
	mkdir -p w/x
	emu-init -B w/x -B w doc.json -- true >out.json
	# The outer one is mounted first.
	jq -e --arg p "$PWD" '.shares[1:] == [
		{"path": ($p + "/w"), "tag": "emu-bind0", "readonly": false},
		{"path": ($p + "/w/x"), "tag": "emu-bind1", "readonly": false}]' out.json
	run -0 config
	[[ $output = *"bind=emu-bind0:$PWD/w"$'\n'"bind=emu-bind1:$PWD/w/x"* ]]
}

@test "an init that fails leaves no initrd" {
	mkdir $'b\xff'
	expect_error 1 $'emu-init: '"$PWD"$'/b\xff: not UTF-8' emu-init -B $'b\xff' doc.json -- true
	expect_error 1 $'emu-init: '"$PWD"$'/b\xff: not UTF-8' emu-init -R $'b\xff' doc.json -- true
	expect_error 1 'emu-init: <stdout>: No space left on device' sh -c 'emu-init doc.json -- true >/dev/full'
	[ -z "$(ls scratch)" ]
}

@test "-F serves the root over virtio-fs, and what -B names over 9p" {
	mkdir w
	module fuse
	module virtiofs fuse
	emu-init -F virtiofs -K modules doc.json -- true >out.json
	jq -e '.shares == [{"path": "/", "tag": "emu-root", "readonly": true, "driver": "virtiofs"}]' out.json
	run -0 config
	[[ $output = *$'type=virtiofs\n'* ]]
	[ "$(ls x/emu/modules 2>/dev/null)" = '' ]
	[[ $(members) = *emu/modules/000-fuse$'\n'emu/modules/001-virtiofs* ]]
	rm scratch/*
	expect_error 1 'emu-init: modules: no module 9pnet_virtio: the kernel needs CONFIG_NET_9P_VIRTIO' \
		emu-init -F virtiofs -B w -K modules doc.json -- true
	module 9pnet_virtio
	module 9p 9pnet_virtio
	emu-init -F virtiofs -B w -K modules doc.json -- true >out.json
	jq -e '.shares[1].driver == null' out.json
	[[ $(members) = *emu/modules/001-9p$'\n'* ]]
	run -2 emu-init -F nfs doc.json -- true
	[ "${lines[0]}" = 'emu-init: -F: expected 9p or virtiofs, not nfs' ]
}

@test "-R makes another directory the root, with a PATH of its own" {
	mkdir other
	emu-init -R other doc.json -- true >out.json
	[ "$(jq -r '.shares[0].path' out.json)" = "$PWD/other" ]
	run -0 config
	[[ $output = *'env=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'* ]]
	# The caller's directory is not there.
	[[ $output = *'directory=/'$'\n'* ]]
	rm scratch/*
	emu-init -R other -B . doc.json -- true >out.json
	run -0 config
	[[ $output = *"directory=$PWD"$'\n'* ]]
}

@test "modules come in an order that loads, with those they depend on" {
	module virtio_pci virtio-a,virtio_b
	module virtio-a virtio_b
	module virtio_b
	module virtio_console
	module 9pnet_virtio virtio_b
	module 9p
	module unused
	emu-init -K modules doc.json -- true >/dev/null
	run -0 sh -c 'cpio -it --quiet <scratch/emu-init.cpio | sed -n "s,emu/modules/[0-9]*-,,p"'
	[ "${lines[*]}" = 'virtio_b virtio_a virtio_pci virtio_console 9pnet_virtio 9p' ] || {
		echo "$output"
		false
	}
}

@test "the init is that of the document's target" {
	local t n=0
	for t in "$EMU_BUILD"/init-*; do
		jq --arg t "${t##*/init-}" '.target = $t' doc.json | emu-init -- true >/dev/null
		cpio -i --quiet --to-stdout init <scratch/emu-init.cpio | cmp - "$t"
		rm scratch/emu-init.cpio
		n=$((n + 1))
	done
	[ "$n" -gt 0 ]
	jq '.target = "pdp11"' doc.json >d.json
	run -1 --separate-stderr env EMU_SHARE="$EMU_BUILD" emu-init d.json -- true
	[ "$stderr" = "emu-init: $EMU_BUILD/init-pdp11: No such file or directory" ]
	# Without a compiler for the target when emu was built, there is none; the kernel's
	# own name of the target is as good.
	mkdir none
	cp "$EMU_ROOT/share/targets.json" none
	for t in arm64 aarch64; do
		jq --arg t $t '.target = $t' doc.json >d.json
		run -1 --separate-stderr env EMU_SHARE="$PWD/none" emu-init d.json -- true
		[ "$stderr" = "emu-init: $PWD/none/init-arm64: not built: there was no compiler for arm64 (Debian: gcc-aarch64-linux-gnu)" ]
	done
	touch none/init-arm64
	run -0 env EMU_SHARE="$PWD/none" emu-init d.json -- true
	rm scratch/emu-init.cpio
	[ -z "$(ls scratch)" ]
}

@test "the modules that the init uses are taken when the kernel has them, the network's with a network" {
	local m want='virtio_pci virtio_mmio virtio_console 9pnet_virtio 9p overlay pvpanic pvpanic_mmio pvpanic_pci'
	for m in pvpanic-pci pvpanic-mmio pvpanic overlay 9p 9pnet_virtio virtio_console virtio_mmio virtio_pci virtio_net unused; do
		module "$m"
	done
	for t in x64 arm64 riscv64; do
		for network in false true; do
			jq --arg t "$t" --argjson n "$network" '.target = $t | .user_networking = $n' doc.json |
				EMU_SHARE=$EMU_BUILD emu-init -K modules -- true >/dev/null 2>err || grep -q "init-$t: No such" err
			[ -e scratch/emu-init.cpio ] || continue
			run -0 sh -c 'cpio -it --quiet <scratch/emu-init.cpio | sed -n "s,emu/modules/[0-9]*-,,p"'
			[ "${lines[*]}" = "$want$([ "$network" = false ] || echo ' virtio_net')" ]
			rm scratch/emu-init.cpio
		done
	done
}

@test "modules may be compressed, or built in" {
	need xz zstd
	module virtio_console
	module 9pnet_virtio
	module 9p
	cp modules/kernel/9p.ko plain
	xz modules/kernel/9p.ko
	zstd -q --rm modules/kernel/virtio_console.ko
	rm modules/kernel/9pnet_virtio.ko
	sed -i /9pnet/d modules/modules.order
	echo kernel/net/9p/9pnet_virtio.ko >modules/modules.builtin
	emu-init -K modules doc.json -- true >/dev/null
	(mkdir x && cd x && cpio -idu --quiet <../scratch/emu-init.cpio)
	cmp x/emu/modules/001-9p plain
	[ "$(ls x/emu/modules | tr '\n' ' ')" = '000-virtio_console 001-9p ' ]
}

@test "a module starts no program that would decompress it" {
	local name magic
	module virtio_console
	module 9pnet_virtio
	module 9p
	mkdir bin
	for name in lrzip lzop grzip; do
		printf '#!/bin/sh\ntouch "%s"\ncat\n' "$PWD/started" >bin/$name
	done
	chmod +x bin/*
	for magic in 'LRZI\0\6' '\211LZO\0\r\n\032\n' 'GRZipII\0\2\4:)'; do
		{ printf "$magic"; head -c 4000 /dev/zero; } >modules/kernel/9p.ko
		PATH=$PWD/bin:$PATH emu-init -K modules doc.json -- true >/dev/null
		[ ! -e started ]
		rm scratch/*
	done
}

@test "the modules of the kernel's version are found below the root" {
	module virtio_console
	module 9pnet_virtio
	module 9p
	mkdir -p other/lib/modules
	mv modules other/lib/modules/6.1.0-test
	emu-init -R other doc.json -- true >/dev/null
	[ "$(members | grep -c emu/modules/0)" -eq 3 ]
}

@test "links in the root lead to files of the root, as in the guest" {
	module virtio_console
	module 9pnet_virtio
	module 9p
	mkdir -p other/usr/lib/modules
	mv modules other/usr/lib/modules/6.1.0-test
	ln -s /usr/lib other/lib
	emu-init -R other doc.json -- true >/dev/null
	[ "$(members | grep -c emu/modules/0)" -eq 3 ]
	rm scratch/*
	# A file of the host is not the guest's, whatever leads to it.
	echo secret >secret
	ln -sf "$PWD/secret" other/lib/9p.ko
	ln -sf "$PWD/secret" other/usr/lib/modules/6.1.0-test/kernel/9p.ko
	expect_error 1 "emu-init: $PWD/other/lib/modules/6.1.0-test/kernel/9p.ko: No such file or directory" \
		emu-init -R other doc.json -- true
	cp secret 9p.ko
	sed -i 's,kernel/9p.ko,../../../../../9p.ko,' other/usr/lib/modules/6.1.0-test/modules.order
	expect_error 1 "emu-init: $PWD/other/lib/modules/6.1.0-test/../../../../../9p.ko: No such file or directory" \
		emu-init -R other doc.json -- true
	# -K names a directory; its links may lead anywhere.
	ln -sf "$PWD/other/usr/lib/modules/6.1.0-test" modules
	sed -i 's,^.*/9p.ko,kernel/9p.ko,' modules/modules.order
	emu-init -K modules doc.json -- true >/dev/null
	cpio -i --quiet --to-stdout emu/modules/002-9p <scratch/emu-init.cpio | cmp - secret
}

@test "the version of a compressed kernel is found" {
	need gzip zstd
	module virtio_console
	module 9pnet_virtio
	module 9p
	mkdir -p other/lib/modules
	mv modules other/lib/modules/6.5.1
	{ head -c 5000 /dev/urandom; printf 'Linux version 6.5.1 (x@y)'; } >Image
	gzip -c Image >Image.gz
	# EFI zboot: "MZ", "zimg", offset and size of what is packed.
	{
		printf 'MZ\0\0zimg\100\0\0\0'
		printf "$(printf '%08x' "$(stat -c %s Image.gz)" | sed 's/\(..\)\(..\)\(..\)\(..\)/\\x\4\\x\3\\x\2\\x\1/')"
		head -c 48 /dev/zero
		cat Image.gz
		echo more
	} >zboot
	for k in Image Image.gz zboot; do
		jq --arg k $k '.images[0].path = $k' doc.json >k.json
		emu-init -R other k.json -- true >/dev/null
		[ "$(members | grep -c emu/modules/0)" -eq 3 ] || { echo "$k"; false; }
		rm scratch/*
	done
}

@test "a module that is missing is named, with the kernel's option" {
	module virtio_console
	module 9pnet_virtio
	expect_error 1 'emu-init: modules: no module 9p: the kernel needs CONFIG_9P_FS' \
		emu-init -K modules doc.json -- true
	module 9p lost
	expect_error 1 'emu-init: modules: no module lost, which 9p depends on' \
		emu-init -K modules doc.json -- true
	rm modules/kernel/9p.ko
	expect_error 1 'emu-init: modules/kernel/9p.ko: No such file or directory' \
		emu-init -K modules doc.json -- true
	expect_error 1 'emu-init: nowhere: No such file or directory' \
		emu-init -K nowhere doc.json -- true
	[ -z "$(ls scratch)" ]
}

@test "a module that is of use but not needed may be missing from the files" {
	module virtio_console
	module 9pnet_virtio
	module 9p
	module pvpanic
	rm modules/kernel/pvpanic.ko
	emu-init -K modules doc.json -- true >/dev/null
	[ "$(members | grep -c emu/modules/0)" -eq 3 ]
}

@test "modules that depend on each other end in an error" {
	module virtio_console 9p
	module 9p virtio_console
	expect_error 1 'emu-init: modules/kernel/virtio_console.ko: modules that depend on each other' \
		emu-init -K modules doc.json -- true
}

@test "init refuses what a command cannot run in" {
	jq '.guest = "none"' doc.json >d.json
	expect_error 1 'emu-init: d.json: guest: "none": a command runs in a Linux kernel' emu-init d.json -- true
	jq 'del(.images)' doc.json >d.json
	expect_error 1 'emu-init: d.json: no kernel to run the command in' emu-init d.json -- true
	jq '.images += [{"name": "i", "type": "initrd", "path": "i"}]' doc.json >d.json
	expect_error 1 'emu-init: d.json: images[1]: an initrd, whose place the one of the command takes' \
		emu-init d.json -- true
	jq 'del(.target)' doc.json >d.json
	expect_error 1 'emu-init: d.json: target: missing' emu-init d.json -- true
	mkfifo fifo
	jq '.images[0].path = "fifo"' doc.json >d.json
	expect_error 1 "emu-init: fifo: not a regular file" timeout 60 emu-init d.json -- true
	expect_error 1 "emu-init: $PWD/scratch/emu-init.cpio: File too large" \
		sh -c 'ulimit -f 8; emu-init doc.json -- true'
	expect_error 1 'emu-init: nowhere: No such file or directory' emu-init -B nowhere doc.json -- true
	expect_error 1 'emu-init: doc.json: Not a directory' emu-init -R doc.json doc.json -- true
	expect_error 1 'emu-init: <stdin>: empty' emu-init -- true </dev/null
	[ -z "$(ls scratch)" ]
}

@test "init needs a private directory, and replaces nothing in it" {
	expect_error 1 "emu-init: $PWD/scratch/emu-init.cpio: File exists" sh -c '
		emu-init doc.json -- true >/dev/null && emu-init doc.json -- true'
	chmod 777 scratch
	run -1 --separate-stderr emu-init doc.json -- true
	[[ $stderr = "emu-init: "* ]]
}

@test "a call without a command is wrong" {
	usage='usage: emu-init [-B dir]... [-d dir] [-F driver] [-K modules] [-R root] [document]
                -- cmd [arg ...]'
	expect_error 2 "emu-init: no command
$usage" emu-init doc.json --
	expect_error 2 "emu-init: true: \"--\" comes before the command
$usage" emu-init doc.json true
}

@test "a document that cannot be written is an error" {
	run -1 --separate-stderr sh -c 'emu-init doc.json -- true >/dev/full'
	[ "$stderr" = 'emu-init: <stdout>: No space left on device' ]
}
