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

# writers: runs every command that writes a file of its own into shared. The run without
# a machine has a record too.
writers() {
	[ -e emulator ] || emulator
	timeout -k 5 60 emu-spawn -o shared/record -l shared/log echo line >/dev/null
	echo line | timeout -k 5 60 emu-watch -o shared/watched >/dev/null
	echo line | timeout -k 5 60 emu-cast -o shared/cast >/dev/null
	timeout -k 5 60 emu-run -o shared/run -l shared/run.log doc.json >/dev/null </dev/null
	timeout -k 5 60 emu-run -o shared/none none 2>/dev/null || [ $? -eq 125 ]
}

# emulator: doc.json for an emulator that writes a line and ends.
emulator() {
	mkdir emulator
	cat >emulator/qemu-system-x86_64 <<-'X'
		#!/bin/sh
		case $* in *help*) exit ;; esac
		printf '%s\n' '{"QMP": {}}' '{"event": "RESUME"}' >&3
		echo line
	X
	chmod 755 emulator/qemu-system-x86_64
	echo kernel >kernel
	jq -n --arg path "$PWD/emulator" '{target: "x64", guest: "none", path: $path,
		kernel: "kernel_k", images: [{name: "k", type: "kernel", path: "kernel"}]}' >doc.json
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

files='record log watched cast run run.log none'

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
	timeout -k 5 60 emu-spawn -o shared/record -l shared/log \
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
	timeout -k 5 60 emu-spawn -o shared/record echo line >/dev/null 2>err || status=$?
	[ "$status" -eq 125 ]
	grep -q 'shared/record: No such device or address' err
	status=0
	timeout -k 5 60 emu-spawn -l shared/log echo line >/dev/null 2>err || status=$?
	[ "$status" -eq 125 ]
	grep -q 'shared/log: No such device or address' err
	status=0
	echo line | timeout -k 5 60 emu-watch -o shared/watched >/dev/null 2>err || status=$?
	[ "$status" -eq 125 ]
	grep -q 'shared/watched: No such device or address' err
	status=0
	echo line | timeout -k 5 60 emu-cast -o shared/cast >/dev/null 2>err || status=$?
	[ "$status" -eq 125 ]
	grep -q 'shared/cast: No such device or address' err
	emulator
	expect_error 125 'emu-run: shared/run: there is no record' \
		sh -c 'timeout -k 5 60 emu-run -o shared/run doc.json >/dev/null'
	expect_error 125 'emu-run: none: No such file or directory
emu-run: shared/none: there is no record' timeout -k 5 60 emu-run -o shared/none none
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
			run --separate-stderr sh -c 'timeout -k 5 60 emu-stage -x "$1" doc.json <h.tar | emu-argv -N' - $way
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
	# Nor through a link in the archive, and a manifest that is a link is none.
	ln -s "$PWD/host" in/host
	tar -cf h.tar -C in images.json k host
	expect_error 1 'emu-unpack: h.tar: host/disk: is a link that leads out of the archive' emu-stage -x h.tar doc.json
	[ -z "$(ls -A out)" ]
	mv in/images.json host/images.json
	host_state >before
	ln -s "$PWD/host/images.json" in/images.json
	tar -cf h.tar -C in images.json k
	[ "$(emu-stage -x h.tar doc.json | jq .images)" = null ]
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

# leads FORMAT IMAGE: QEMU itself reads the secret out of the image.
leads() {
	qemu-io -r -f "$1" -c 'read -P 0x53 0 64k' "$2" >read 2>&1 || { cat read; return 1; }
	grep -q '^read 65536/65536' read || { cat read; return 1; }
	[ "$(grep -c 'verification failed' read)" -eq 0 ]
}

# refused IMAGE FORMAT MESSAGE [FILE...]: by emu-doc and by emu-stage, whatever way the
# image takes; the caller named the other files.
refused() {
	local image=$1 format=$2 message=$3 how named
	shift 3
	named=$(printf '%s\n' "$@" | jq -R . | jq -cs .)
	entry="name: \"d\", type: \"blk\", path: \"$image\""
	if [ "$format" != qcow ]; then
		run --separate-stderr emu-doc "$image" "$@"
		[ "$status" -eq 1 ]
		[ -z "$output" ]
		[[ "$stderr" == "emu-doc: "*"$message"* ]] || { echo "$image: $stderr"; return 1; }
	fi
	for how in '' ', convert: "raw"'; do
		jq -n "{guest: \"none\", images: [{$entry, format: \"$format\", backing: $named $how}]}" >doc.json
		stage_refuses "$message"
	done
	stage_refuses "$message" -o
	# The drive has the format.
	jq -n "{guest: \"none\", images: [{$entry, backing: $named}],
		drives: [{image: \"blk_d\", format: \"$format\"}]}" >doc.json
	stage_refuses "$message"
	# The guest is to write to the disk itself.
	emu-doc -A x64 -u doc.json >marked.json
	mv marked.json doc.json
	stage_refuses "$message"
}

# stage_refuses MESSAGE ARG...: doc.json.
stage_refuses() {
	local message=$1
	shift
	run --separate-stderr emu-stage "$@" doc.json
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ "$stderr" == "emu-stage: "*"$message"* ]] || { echo "$*: $stderr"; return 1; }
	[ -z "$(ls -A out)" ]
}

elsewhere='whose data is in another file, which is not followed: make it one file'
elsewheres='whose data is in other files, which are not followed: make it one file'

@test "hostile: an image leads to no file that was not named, whatever is in its header" {
	need python3 qemu-io
	head -c 1M /dev/zero | tr '\0' S >host/secret
	host_state >before
	"$EMU_ROOT/tests/whole/hostile-images" "$PWD/host/secret"
	unnamed="its backing file $PWD/host/secret was not named: name it too"
	while IFS='|' read -r image format message named; do
		leads "$format" "$image"
		# shellcheck disable=SC2086 # words
		refused "$image" "$format" "$message" $named
	done <<-END
		middle|qcow2|middle: $unnamed
		v2|qcow2|v2: $unnamed
		unsaid|qcow2|unsaid: $unnamed
		within|qcow2|middle: $unnamed|middle
		within2|qcow2|middle: $unnamed|middle
		far|qcow2|description: a vmdk disk $elsewheres|description
		untold|qcow2|text: a vmdk disk $elsewheres|text
		qcow|qcow|qcow: a disk of the format qcow, which may refer to other files: make it one file
		onqcow|qcow2|qcow: a disk of the format qcow, which may refer to other files: make it one file|qcow
		monolithicFlat.vmdk|vmdk|monolithicFlat.vmdk: a vmdk disk $elsewheres
		twoGbMaxExtentFlat.vmdk|vmdk|twoGbMaxExtentFlat.vmdk: a vmdk disk $elsewheres
		vmfs.vmdk|vmdk|vmfs.vmdk: a vmdk disk $elsewheres
		embedded.vmdk|vmdk|embedded.vmdk: a vmdk disk $elsewheres
	END
	untouched
	# Nor out of an archive whose manifest has the format.
	echo '{"guest": "none"}' >doc.json
	for image in middle qcow monolithicFlat.vmdk; do
		format=${image#*.}
		[ "$image" != middle ] || format=qcow2
		jq -n "[{name: \"d\", type: \"blk\", path: \"$image\", format: \"$format\"}]" >images.json
		tar -cf a.tar images.json "$image"
		stage_refuses "a.tar: $image: " -x a.tar
	done
	# A format that is none of a disk's, such as that of a filter.
	jq -n '[{name: "d", type: "blk", path: "qcow", format: "copy-on-read"}]' >images.json
	tar -cf a.tar images.json qcow
	stage_refuses 'a.tar: qcow: a disk of the format copy-on-read, which may refer to other files' -x a.tar
	untouched
}

# The published images of both: a real one, in which the name of a file of the
# same length is replaced.
@test "hostile: CVE-2024-32498, a qcow2 disk whose data file is one of the host's" {
	need qemu-io qemu-img
	head -c 1M /dev/zero | tr '\0' S >host/secret
	host_state >before
	truncate -s 1M host_secret
	qemu-img create -q -f qcow2 -o data_file=host_secret,data_file_raw=on,preallocation=metadata q 1M
	sed -i 's,host_secret,host/secret,' q
	leads qcow2 q
	refused q qcow2 "q: a qcow2 disk $elsewhere"
	name='json:{"driver":"raw","file":{"filename":"host/secret"}}'
	qemu-img create -q -f qcow2 -o "data_file=${name//?/x},data_file_raw=on,preallocation=metadata" q 1M
	sed -i "s|${name//?/x}|$name|" q
	refused q qcow2 "q: a qcow2 disk $elsewhere"
	# As a backing file.
	qemu-img create -q -f qcow2 -u -b q -F qcow2 top 1M
	refused top qcow2 "q: a qcow2 disk $elsewhere" q
	untouched
}

@test "hostile: CVE-2022-47951, a vmdk disk whose extent is a file of the host's" {
	need qemu-io qemu-img
	head -c 1M /dev/zero | tr '\0' S >host/secret
	host_state >before
	for kind in monolithicFlat twoGbMaxExtentFlat; do
		qemu-img create -q -f vmdk -o subformat=$kind v.vmdk 1M
		sed -i 's,"v-f[^"]*","host/secret",' v.vmdk
		leads vmdk v.vmdk
		refused v.vmdk vmdk "v.vmdk: a vmdk disk $elsewheres"
	done
	untouched
}

@test "hostile: a disk on links leads to the files that were named, as QEMU goes" {
	need qemu-io qemu-img
	head -c 1M /dev/zero | tr '\0' S >host/secret
	host_state >before
	mkdir d
	truncate -s 1M d/base
	qemu-img create -q -f qcow2 -u -b base -F raw d/middle 1M
	ln -s d/middle link
	qemu-img create -q -f qcow2 -u -b link -F qcow2 top 1M
	# The name in d/middle is relative to the link, as QEMU opens it.
	ln -s host/secret base
	leads qcow2 top
	refused top qcow2 "link: its backing file base was not named: name it too, as an operand or as \"backing\": \"$PWD/base\"" link d/base
	ln -sf d/base base
	run ! leads qcow2 top
	# By the disk's own link: what QEMU is given is the file itself.
	mkdir e
	ln -s ../top e/top
	emu-doc -A x64 e/top link d/base 2>err >doc.json
	[ "$(jq -r '.images[0].path' doc.json)" = "$PWD/top" ]
	emu-stage doc.json >/dev/null
	[ "$(qemu-img info -U --output=json out/blk_disk0 | jq -r '.["backing-filename"]')" = "$PWD/top" ]
	jq '.images[0].path = "e/top" | .images[0].staged = true' doc.json | emu-stage >marked.json
	[ "$(jq -r '.images[0].path' marked.json)" = "$PWD/top" ]
	untouched
}

# clones: whether files here can be cloned.
clones() {
	cp --reflink=always host/disk clone 2>/dev/null
}

@test "hostile: an image that becomes another one before it is copied is refused" {
	need qemu-img
	if clones; then skip 'a clone is made at once'; fi
	qemu-img create -q -f qcow2 d 1M
	qemu-img create -q -f qcow2 -u -b "$PWD/host/secret" -F raw evil 1M
	touch -r d evil
	mkdir bin
	# It runs before the copy is made, and changes what only a link would change.
	cat >bin/qemu-img <<-'END'
		#!/bin/sh
		exec flock lock sh -c '[ -e linked ] || { cat evil >d; touch -r evil d; ln d linked; }'
	END
	chmod +x bin/qemu-img
	echo x >x
	jq -n '{guest: "none", images: [(range(8) | {name: "x\(.)", type: "blk", path: "x", convert: "raw"}),
		{name: "d", type: "blk", path: "d", format: "qcow2"}]}' >doc.json
	PATH=$PWD/bin:$PATH stage_refuses "d: its backing file $PWD/host/secret was not named"
	[ -e linked ]
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

@test "hostile: what another user owns in a cache is not used" {
	need_root
	mkdir in
	for f in one two; do
		echo $f >in/k
		tar -cf $f.tar -C in k
		jq -n --arg f $f.tar '{guest: "none", images: [{name: "k", type: "kernel", path: $f, extract: "k"}]}' >$f.json
		emu-stage -c cache $f.json >/dev/null
		rm out/*
	done
	# Links that lead to another source's image.
	link=$(readlink "$(ls -d cache/source-* | head -n 1)")
	for f in cache/source-*; do
		ln -sfn "$link" "$f"
		chown -h nobody "$f"
	done
	for f in one two; do
		emu-stage -c cache $f.json >/dev/null
		[ "$(cat out/kernel_k)" = $f ]
		rm out/*
	done
	chown nobody cache/image-*
	emu-stage -v -c cache one.json 2>err >/dev/null
	grep -q 'kernel_k: extracted' err
	[ "$(find cache -name 'image-*' -user root | wc -l)" -eq 1 ]
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
