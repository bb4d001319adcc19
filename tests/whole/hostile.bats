# What strangers made, fed to the commands as a user would: another user in the
# same directory, archives with a manifest, images that refer to other files, a
# guest that writes to all that it has. The host's files are compared before and
# after.
load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	chmod 755 .
	mkdir host
	echo secret >host/secret
	chmod 600 host/secret
	head -c 1048576 /dev/urandom >host/disk
	cp host/disk host/other
	echo 'alias x=y' >host/.profile
	mkdir -m 700 out
	export EMU_SCRATCH=$PWD/out
	host_state >before
}

# host_state: everything about the host's files that could change.
host_state() {
	find host -printf '%p %m %u %g %n %s %T@ %i %l\n' | sort
	find host -type f -exec sha256sum {} + | sort
}

untouched() {
	host_state | cmp before -
}

# stranger CMD...: CMD as another user, who can reach the shared directory.
stranger() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

need_root() {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	need setpriv
	umask 022
	mkdir shared
	chmod 1777 shared
	dir=$PWD
	# The way to the shared directory.
	while [ "$dir" != / ] && [ "$dir" != /tmp ]; do
		chmod o+x "$dir"
		dir=$(dirname "$dir")
	done
}

# writers: runs every command that writes a file of its own into shared.
writers() {
	timeout 60 emu-spawn -o shared/record -l shared/log echo line >/dev/null
	echo line | timeout 60 emu-watch -o shared/watched >/dev/null
	echo line | timeout 60 emu-cast -o shared/cast >/dev/null
}

# ours NAME...: files of our own, with our umask, that hold what was written.
ours() {
	local f
	for f; do
		[ "$(stat -c '%F %a %u:%g' "shared/$f")" = 'regular file 644 0:0' ] || {
			stat "shared/$f"
			return 1
		}
		[ -s "shared/$f" ]
		[ "$(grep -c planted "shared/$f")" -eq 0 ]
	done
}

files='record log watched cast'

@test "hostile: nothing is taken over from another user's files" {
	need_root
	for f in $files; do
		stranger sh -c 'umask 0; echo planted >"$1"; chmod 6777 "$1"' - "shared/$f"
	done
	writers
	# shellcheck disable=SC2086 # words
	ours $files
	untouched
}

@test "hostile: a record planted during the run is not taken over" {
	need_root
	printf '%s\n' 'umask 0' 'echo planted >shared/record' 'chmod 6777 shared/record' 'echo line' >plant
	timeout 60 emu-spawn -o shared/record -l shared/log \
		setpriv --reuid 65534 --regid 65534 --clear-groups sh plant >/dev/null
	ours record log
	untouched
}

@test "hostile: another user's links lead nowhere" {
	need_root
	for f in $files; do
		stranger ln -s "$PWD/host/secret" "shared/$f"
	done
	writers
	# shellcheck disable=SC2086 # words
	ours $files
	untouched
	rm shared/*
	for f in $files; do
		stranger ln -s "$PWD/host/new" "shared/$f"
	done
	writers
	# shellcheck disable=SC2086 # words
	ours $files
	[ ! -e host/new ]
	untouched
}

@test "hostile: another user's FIFO holds nobody up" {
	need_root
	for f in $files; do
		stranger mkfifo "shared/$f"
	done
	status=0
	timeout 60 emu-spawn -o shared/record echo line >/dev/null 2>err || status=$?
	[ "$status" -eq 125 ]
	grep -q 'shared/record: No such device or address' err
	status=0
	timeout 60 emu-spawn -l shared/log echo line >/dev/null 2>err || status=$?
	[ "$status" -eq 125 ]
	grep -q 'shared/log: No such device or address' err
	status=0
	echo line | timeout 60 emu-watch -o shared/watched >/dev/null 2>err || status=$?
	[ "$status" -eq 125 ]
	grep -q 'shared/watched: No such device or address' err
	status=0
	echo line | timeout 60 emu-cast -o shared/cast >/dev/null 2>err || status=$?
	[ "$status" -eq 125 ]
	grep -q 'shared/cast: No such device or address' err
	untouched
}

@test "hostile: a directory that another user owns or can write to gets no images" {
	need_root
	echo '{"guest": "none", "images": [{"name": "d", "type": "blk", "path": "host/disk"}]}' >doc.json
	expect_error 1 'emu-stage: shared: others can write there (chmod go-w)' emu-stage -d shared doc.json
	stranger mkdir -m 700 shared/theirs
	expect_error 1 'emu-stage: shared/theirs: belongs to another user' emu-stage -d shared/theirs doc.json
	expect_error 1 'emu-stage: shared: others can write there (chmod go-w)' emu-stage -c shared doc.json
	expect_error 1 'emu-stage: shared/theirs: belongs to another user' emu-stage -c shared/theirs doc.json
	untouched
}

# archive ENTRY: h.tar with a manifest of this one entry, and a kernel.
archive() {
	rm -rf in
	mkdir in
	head -c 5000 /dev/urandom >in/k
	echo "[{\"name\": \"k\", \"type\": \"kernel\", \"path\": \"k\"}, {\"name\": \"d\", \"type\": \"blk\", $1}]" >in/images.json
	tar -cf h.tar -C in images.json k
}

@test "hostile: a manifest out of an archive names nothing of the host's" {
	echo '{"guest": "none", "kernel": "kernel_k", "drives": [{"image": "blk_d"}]}' >doc.json
	while IFS='|' read -r entry message; do
		archive "$entry"
		for way in h.tar -; do
			run --separate-stderr sh -c 'timeout 60 emu-stage -x "$1" doc.json <h.tar | emu-argv -N' - $way
			[ "$status" -ne 0 ]
			[ -z "$output" ]
			[[ "${stderr_lines[0]}" == "emu-stage: "*": images.json: [1].$message" ]] || { echo "$stderr"; false; }
			[ -z "$(ls -A out)" ]
		done
	done <<-END
		"path": "$PWD/host/disk"|path: "$PWD/host/disk" is no member of the archive
		"path": "../host/disk"|path: "../host/disk" is no member of the archive
		"path": "$PWD/host/disk", "staged": true|staged: an archive cannot say that
		"path": "host/disk", "staged": true|staged: an archive cannot say that
		"path": "k", "backing": "host/disk"|backing: an archive cannot say that
	END
	archive "\"path\": \"k\", \"format\": \"raw,file=$PWD/host/disk\""
	expect_error 1 'emu-stage: doc.json: images[1].format: expected a word of a-z, 0-9 and -' \
		emu-stage -x h.tar doc.json
	# What is no member is not looked for beside the archive.
	archive '"path": "host/disk"'
	expect_error 1 'emu-unpack: h.tar: host/disk: not in the archive' emu-stage -x h.tar doc.json
	[ -z "$(ls -A out)" ]
	untouched
}

# written_all: writes to every drive in the words on stdin, as a guest may.
written_all() {
	local word file format
	written=0
	while IFS= read -r -d '' word; do
		file=$(grep -oE '(^|,)file=[^,]*' <<<"$word" | cut -d= -f2)
		format=$(grep -oE '(^|,)format=[^,]*' <<<"$word" | cut -d= -f2)
		[ -n "$file" ] || continue
		[[ ! "$word" =~ (read-only|readonly)=on ]] || continue
		qemu-io -f "${format:-raw}" -c 'write -P 0x5a 0 64k' "$file" >/dev/null
		written=$((written + 1))
	done
}

@test "hostile: a guest that writes to every drive writes to copies" {
	need qemu-io qemu-img
	gzip -k host/disk
	qemu-img create -q -f qcow2 host/alone.qcow2 1M
	qemu-img create -q -f qcow2 -b "$PWD/host/other" -F raw host/top.qcow2
	host_state >before
	head -c 5000 /dev/urandom >k
	jq -n --arg h "$PWD/host" '{target: "x64", guest: "none", kernel: "kernel_k", images: [
		{name: "k", type: "kernel", path: "k"},
		{name: "raw", type: "blk", path: ($h + "/disk")},
		{name: "gz", type: "blk", path: ($h + "/disk.gz"), decompress: true},
		{name: "alone", type: "blk", path: ($h + "/alone.qcow2"), format: "qcow2"},
		{name: "top", type: "blk", path: ($h + "/top.qcow2"), format: "qcow2", backing: ($h + "/other")}],
		drives: [{image: "blk_raw"}, {image: "blk_gz"}, {image: "blk_alone"}, {image: "blk_top"}]}' >doc.json
	for how in '' -o '-c cache' '-c cache' '-o -c cache' '-L'; do
		# shellcheck disable=SC2086 # words
		emu-stage $how doc.json | emu-argv -N >words
		written_all <words
		[ "$written" -eq 4 ]
		rm out/*
		untouched
	done
	# Nor to what the cache keeps.
	emu-stage -v -c cache doc.json 2>err >/dev/null
	grep -q 'blk_gz: .* from the cache' err
	cmp host/disk out/blk_gz
}

@test "hostile: an image that refers to a file of the host's is refused" {
	need qemu-img
	cp host/disk data
	qemu-img create -q -f qcow2 -o "data_file=$PWD/host/disk" data.qcow2 1M || :
	cp data host/disk
	touch -r before host
	host_state >before
	qemu-img create -q -f qcow2 -b "$PWD/host/secret" -F raw -u backed.qcow2 1M
	printf '# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 2048 FLAT "%s" 0\n' \
		"$PWD/host/disk" >flat.vmdk
	for image in data.qcow2 backed.qcow2 flat.vmdk; do
		run --separate-stderr emu-doc $image
		[ "$status" -eq 1 ]
		[ -z "$output" ]
		[[ "$stderr" == "emu-doc: $image: "* ]]
		for fields in '' ', convert: "raw"'; do
			jq -n --arg i $image --arg f "${image##*.}" \
				"{guest: \"none\", images: [{name: \"d\", type: \"blk\", path: \$i, format: \$f $fields}]}" >doc.json
			run --separate-stderr emu-stage doc.json
			[ "$status" -eq 1 ]
			[[ "$stderr" == "emu-stage: $image: "* ]]
			[ -z "$(ls -A out)" ]
		done
	done
	untouched
}

@test "hostile: a cache in a home directory loses nobody's files" {
	mkdir -m 700 home
	cp -a host/. home
	echo '{"guest": "none"}' >doc.json
	expect_error 1 "emu-stage: home: not empty, and no cache of emu-stage's: it has no CACHEDIR.TAG of ours" \
		emu-stage -c home -C 0 doc.json
	diff -r host home
	untouched
}

@test "hostile: a booted guest that overwrites every drive that it has changes no file of the host's" {
	need qemu-system-x86_64 qemu-img
	EMU_BUILD=$EMU_BUILD "$EMU_ROOT/tests/whole/kernels/fetch" 2>fetch || {
		cat fetch
		[ "${EMU_TEST_STRICT:-}" != 1 ] || return 1
		skip "no kernels: $(tail -n 1 fetch)"
	}
	K=$EMU_BUILD/kernels
	unset EMU_SCRATCH
	mkdir tmp
	export TMPDIR=$PWD/tmp
	qemu-img create -q -f qcow2 host/alone.qcow2 1M
	qemu-img create -q -f qcow2 -b "$PWD/host/other" -F raw host/top.qcow2
	host_state >before
	cat >input <<-'END'
		for d in /dev/vd[a-z]; do dd if=/dev/urandom of=$d bs=64k count=16 2>/dev/null; sync; echo "$d: $(cmp -n 65536 $d /dev/zero 2>&1 | head -c 3)"; done
		echo written:$(ls /dev/vd[a-z] | wc -l)
		poweroff
	END
	run -0 timeout 150 emu-run -k no -t 120 -a quiet -W 'guest# ' -i input "$K/vmlinuz-amd64" "$K/initrd-amd64.gz" \
		host/disk host/alone.qcow2 host/top.qcow2 host/other
	[[ $output = *'written:3'* ]] || { echo "$output" | tail -n 20; false; }
	untouched
}

@test "hostile: a document of 10,000 images does not run out of descriptors" {
	echo x >image
	jq -n '{guest: "none", target: "x64", images: [range(10000) |
		{name: "i\(.)", type: "blk", path: "image"}]}' >doc.json
	bash -c 'ulimit -n 1024; emu-stage doc.json >staged.json'
	[ "$(jq '.images | length' staged.json)" -eq 10000 ]
	[ "$(find out -type f | wc -l)" -eq 10000 ]
}
