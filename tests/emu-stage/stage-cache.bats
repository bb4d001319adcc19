load ../images

setup() {
	room
	two_images
	tar -czf t.tar.gz -C in images.json k d
	gzip -c in/d >d.gz
	echo '{"guest": "none", "images": [
	{"name": "k", "type": "kernel", "path": "t.tar.gz", "extract": "k"},
	{"name": "d", "type": "blk", "path": "d.gz", "decompress": true}]}' >entries.json
}

# staged WAY ARG...: runs emu-stage with the cache and checks what it made and
# how: "new", or "kept" by the cache.
staged() {
	local way=$1
	shift
	emu-stage -v -c cache "$@" 2>err >new.json
	cmp in/k out/kernel_k
	cmp in/d out/blk_d
	[ "$(stat -c %a out/blk_d)" = 600 ]
	[ "$(ls -A out)" = 'blk_d
kernel_k' ]
	rm out/*
	case $way in
	new) ! grep -q cache err ;;
	kept) [ "$(grep -c 'from the cache' err)" -eq 2 ] ;;
	esac || { cat err; return 1; }
}

@test "stage -c extracts and decompresses once" {
	staged new entries.json
	staged kept entries.json
	rm -rf cache
	staged new -x t.tar.gz doc.json
	staged kept -x t.tar.gz doc.json
	[ "$(stat -c %a cache)" = 700 ]
	rm -r cache
	mkdir -m 700 cache
	staged new entries.json
	[ "$(ls -d cache/image-* | wc -l)" -eq 2 ]
}

@test "stage -c links what the guest only reads and copies the rest" {
	staged new entries.json
	emu-stage -c cache entries.json >/dev/null
	[ "$(stat -c %h out/kernel_k)" -eq 2 ]
	[ "$(stat -c %h out/blk_d)" -eq 1 ]
	echo guest >>out/blk_d
	rm out/*
	staged kept entries.json
	jq '. + {drives: [{image: "kernel_k"}]}' entries.json >drive.json
	emu-stage -c cache drive.json >/dev/null
	[ "$(stat -c %h out/kernel_k)" -eq 1 ]
}

@test "stage -c notices a source that changed" {
	staged new entries.json
	head -c 1000 /dev/urandom >in/d
	gzip -c in/d >d.gz
	tar -czf t.tar.gz -C in images.json k d
	staged new entries.json
	staged kept entries.json
}

@test "stage -c knows a source that changed under its old time and size" {
	echo one >in/k
	tar -cf t.tar -C in k d
	touch -d @1 t.tar
	sed 's/t.tar.gz/t.tar/' entries.json >e.json
	staged new e.json
	# As SOURCE_DATE_EPOCH, cp -p and rsync --inplace -t do it.
	echo two >in/k
	tar -cf new.tar -C in k d
	cat new.tar >t.tar
	touch -d @1 t.tar
	emu-stage -v -c cache e.json >/dev/null 2>err
	cmp in/k out/kernel_k
	grep -q 'kernel_k: extracted' err
}

# before_unpack COMMAND: bin/emu-stage runs COMMAND whenever it starts emu-unpack,
# when the archive has been opened.
before_unpack() {
	mkdir bin
	cp "$(command -v emu-stage)" bin
	printf '#!/bin/sh\n%s\nexec "%s" "$@"\n' "$1" "$(command -v emu-unpack)" >bin/emu-unpack
	chmod +x bin/emu-unpack
}

@test "stage keeps nothing of an archive that is replaced while it is read" {
	before_unpack "mv '$PWD/new' '$PWD/t.tar' 2>/dev/null"
	local how
	for how in '-x t.tar doc.json' e.json; do
		echo '{"guest": "none", "images": [{"name": "k", "type": "kernel", "path": "k"}]}' >doc.json
		sed 's/t.tar.gz/t.tar/' entries.json >e.json
		tar -cf t.tar -C in k d
		head -c 300000 /dev/urandom >in/k
		tar -cf new -C in k d
		# shellcheck disable=SC2086 # several words
		expect_error 1 'emu-stage: t.tar: changed while it was copied' bin/emu-stage -c cache $how
		left
		[ -z "$(find cache -name '*-*')" ]
	done
}

@test "stage -c knows an image by its sha256, wherever it comes from" {
	jq --arg k "$(sha256sum <in/k | cut -c1-64)" '.images[0].sha256 = ($k | ascii_upcase)' entries.json >sum.json
	staged new sum.json
	mkdir other
	tar -cf other/t.tar.gz -C in k
	jq '.images = [.images[0] | .path = "other/t.tar.gz"]' sum.json >moved.json
	emu-stage -v -c cache moved.json 2>err >/dev/null
	grep -q 'kernel_k: .* from the cache' err
	cmp in/k out/kernel_k
}

@test "stage -c takes no directory for a cache that it has not made" {
	mkdir -m 700 home
	echo precious >home/file
	expect_error 1 "emu-stage: home: not empty, and no cache of emu-stage's: it has no CACHEDIR.TAG of ours" \
		emu-stage -c home -C 0 entries.json
	printf 'Signature: 8a477f597d28d172789f06886806bc55\n' >home/CACHEDIR.TAG
	expect_error 1 "emu-stage: home: not empty, and no cache of emu-stage's: it has no CACHEDIR.TAG of ours" \
		emu-stage -c home -C 0 entries.json
	[ "$(ls -A home)" = $'CACHEDIR.TAG\nfile' ]
	[ "$(cat home/file)" = precious ]
}

@test "stage -C removes nothing but entries" {
	staged new entries.json
	head -n1 cache/CACHEDIR.TAG | grep -qx 'Signature: 8a477f597d28d172789f06886806bc55'
	mkdir cache/directory
	echo precious >cache/file
	echo precious >cache/image-1234
	ln -s nowhere cache/link
	echo '{"guest": "none"}' | emu-stage -c cache -C 0 >/dev/null
	[ "$(ls -A cache)" = $'CACHEDIR.TAG\ndirectory\nfile\nimage-1234\nlink\nlock' ]
}

@test "stage -c has one of many at once make an entry" {
	local i pids=()
	head -c 20000000 /dev/urandom >in/d
	gzip -1 -c in/d >d.gz
	for i in {1..8}; do
		mkdir -m 700 "out$i"
		# Two runs that name the images in another order do not wait for each
		# other.
		jq "if $i % 2 == 0 then .images |= reverse else . end" entries.json >"doc$i"
		timeout 120 emu-stage -v -c cache -d "out$i" "doc$i" >/dev/null 2>"err$i" 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	for i in {1..8}; do
		cmp in/k "out$i/kernel_k"
		cmp in/d "out$i/blk_d"
	done
	[ "$(cat err? | grep -c 'blk_d: decompressed')" -eq 1 ]
	[ "$(cat err? | grep -c 'kernel_k: extracted')" -eq 1 ]
	[ "$(cat err? | grep -c 'from the cache')" -eq 14 ]
}

@test "stage -c -x has one of many at once read the archive, and later ones none" {
	before_unpack "echo started >>'$PWD/started'"
	local archive order i pids
	for order in 'images.json k d' 'd k images.json' 'k d'; do
		# shellcheck disable=SC2086 # a list
		tar -czf t.tar.gz -C in $order
		jq '.images = $images' --slurpfile images in/images.json doc.json | jq '.images |= .[0]' >all.json
		[[ $order != *images.json* ]] || cp doc.json all.json
		pids=()
		for i in {1..6}; do
			mkdir -m 700 "out$i"
			timeout 120 bin/emu-stage -c cache -d "out$i" -x t.tar.gz all.json >"new$i" 3>&- &
			pids+=($!)
		done
		for i in "${pids[@]}"; do wait "$i"; done
		[ "$(wc -l <started)" -eq 1 ]
		for i in {1..6}; do
			cmp in/k "out$i/kernel_k"
			cmp in/d "out$i/blk_d"
			[ "$(jq '.images | length' "new$i")" -eq 2 ]
		done
		PATH=$PWD/bin:$PATH staged kept -x t.tar.gz all.json
		[ "$(wc -l <started)" -eq 1 ]
		rm -r started out? cache
	done
}

@test "stage -c does not wait for a run that was killed" {
	mkfifo p
	jq '.images += [{name: "p", type: "x", path: "p"}]' entries.json >doc.json
	emu-stage -c cache doc.json >/dev/null 2>&1 3>&- &
	pid=$!
	wait_until test -e cache/lock
	mkdir -m 700 other
	timeout 60 emu-stage -c cache -d other entries.json >new.json 3>&- &
	waiting=$!
	exec 4>p
	kill -KILL $pid
	wait $pid || :
	exec 4>&-
	wait $waiting
	cmp in/k other/kernel_k
}

# poor LACK ARG...: emu-stage on a file system that lacks this.
poor() {
	env "$1=1" LD_PRELOAD="$EMU_BUILD/tests/common/poor_fs.so" \
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 emu-stage "${@:2}"
}

@test "stage -c keeps nothing of a source whose change time has no fraction" {
	# As on ISO 9660, squashfs, vfat and old ext: another file may have it too.
	poor NO_FRACTION -c cache entries.json >/dev/null
	cmp in/k out/kernel_k
	[ -z "$(find cache -name '*-*')" ]
	rm out/*
	jq --arg d "$(sha256sum <in/d | cut -c1-64)" '.images[1].sha256 = $d' entries.json >sum.json
	poor NO_FRACTION -c cache sum.json >/dev/null
	[ "$(find cache -name '*-*' -printf '%f\n')" = "image-$(sha256sum <in/d | cut -c1-64)" ]
}

@test "stage -c keeps entries where there is no O_TMPFILE" {
	poor NO_TMPFILE -c cache entries.json >/dev/null
	cmp in/k out/kernel_k
	cmp in/d out/blk_d
	[ "$(find cache out -name '.*')" = '' ]
	rm out/*
	staged kept entries.json
	# What a run that was killed has left there goes with the next one.
	rm -r cache
	run -137 env KILL_AT=fsync NO_TMPFILE=1 LD_PRELOAD="$EMU_BUILD/tests/common/poor_fs.so" \
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 emu-stage -c cache entries.json
	[ -n "$(find cache -name '.image-*')" ]
	rm -rf out
	mkdir -m 700 out
	echo '{"guest": "none"}' | emu-stage -c cache >/dev/null
	[ -z "$(find cache -name '.*')" ]
}

@test "stage takes the cache of EMU_CACHE" {
	staged new entries.json
	EMU_CACHE=cache emu-stage -v entries.json 2>err >/dev/null
	[ "$(grep -c 'from the cache' err)" -eq 2 ]
	rm out/*
	EMU_CACHE='' emu-stage -v entries.json 2>err >/dev/null
	[ "$(grep -c 'from the cache' err)" -eq 0 ]
}

@test "stage -c replaces damaged entries" {
	staged new entries.json
	for f in cache/image-*; do
		chmod 600 "$f"
		echo x >>"$f"
	done
	staged new entries.json
	staged kept entries.json
	for f in cache/image-*; do
		chmod 600 "$f"
		: >"$f"
	done
	staged new entries.json
	staged kept entries.json
	for f in cache/image-*; do
		rm "$f"
		ln -s /etc/passwd "$f"
	done
	emu-stage -c cache entries.json >/dev/null
	cmp in/k out/kernel_k
	rm out/*
	staged kept entries.json
}

# damage FILE: changes a byte of it, and not its time.
damage() {
	local first
	first=$(od -A n -t u1 -N 1 "$1")
	chmod 600 "$1"
	touch -r "$1" stamp
	printf "\\$(printf %o $((first ^ 1)))" | dd of="$1" conv=notrunc status=none
	touch -r stamp "$1"
	chmod 400 "$1"
}

@test "stage -c notices bytes that changed under an old time" {
	staged new entries.json
	for f in cache/image-*; do damage "$f"; done
	staged new entries.json
	staged kept entries.json
	for f in cache/image-*; do
		chmod 600 "$f"
		touch -r "$f" stamp
		truncate -s -1 "$f"
		touch -r stamp "$f"
	done
	staged new entries.json
	staged kept entries.json
}

@test "stage -c checks the sha256 of what it kept" {
	jq --arg k "$(sha256sum <in/k | cut -c1-64)" '.images[0].sha256 = $k' entries.json >sum.json
	staged new sum.json
	staged kept sum.json
	damage "$(find cache -size -600k -size +250k)"
	rm -f err
	emu-stage -v -c cache sum.json 2>err >/dev/null
	grep -q 'blk_d.* from the cache' err
	[ "$(grep -c 'kernel_k.* from the cache' err)" -eq 0 ]
	rm out/*
	staged kept sum.json
	jq '.images[0].sha256 |= .[1:] + .[:1]' sum.json >wrong.json
	run --separate-stderr emu-stage -c cache wrong.json
	[ "$status" -eq 1 ]
	[[ "$stderr" == *": has sha256 "* ]]
	[ -z "$(ls -A out)" ]
}

@test "stage -c notices damage of a large disk while copying it" {
	{ cat in/k; head -c 70M /dev/zero; cat in/k; } | gzip -1 >big.gz
	echo '{"guest": "none", "images": [{"name": "b", "type": "blk", "path": "big.gz", "decompress": true}]}' >big.json
	emu-stage -c cache big.json >/dev/null
	rm out/*
	emu-stage -c cache big.json >/dev/null
	gzip -dc big.gz | cmp - out/blk_b
	rm out/*
	local entry
	entry=$(echo cache/image-*)
	damage "$entry"
	expect_error 1 "emu-stage: $entry: damaged, and removed from the cache" emu-stage -c cache big.json
	[ -z "$(ls -A out)$(find cache -name 'image-*')" ]
	emu-stage -c cache big.json >/dev/null
	gzip -dc big.gz | cmp - out/blk_b
}

# overlaid WAY ARG...: runs emu-stage -o with the cache, writes to the guest's
# disk, and checks that nobody else's bytes changed.
overlaid() {
	local way=$1 base
	shift
	emu-stage -v -o -c cache "$@" 2>err >new.json
	[ "$(ls -A out)" = 'blk_d
blk_d.base
kernel_k' ]
	[ "$(jq -c '[.images[]|[.format,.size]]' new.json)" = '[[null,300000],["qcow2",2005504]]' ]
	grep -q 'blk_d: overlaid from the cache' err
	[ "$way" = kept ] || run ! grep -q 'kernel_k.*cache' err
	base=$(qemu-img info --output=json out/blk_d | jq -r '.["full-backing-filename"]')
	cmp in/d "$base"
	cmp in/k out/kernel_k
	qemu-img convert -f qcow2 -O raw out/blk_d flat
	cmp -n 2005004 in/d flat
	qemu-io -f qcow2 -c 'write -P 7 0 64k' out/blk_d >/dev/null
	[ "$(stat -c %a "$base")" = 400 ]
	cmp in/d "$base"
	rm out/*
}

@test "stage -o -c puts what it made into the cache and an overlay on that" {
	need qemu-img qemu-io
	overlaid new entries.json
	overlaid kept entries.json
	staged kept entries.json
	rm -rf cache
	overlaid new -x t.tar.gz doc.json
	cksum cache/image-* >before
	overlaid kept -x t.tar.gz doc.json
	staged kept -x t.tar.gz doc.json
	[ "$(cksum cache/image-*)" = "$(cat before)" ]
	# And the manifest.
	[ "$(ls -d cache/image-* | wc -l)" -eq 3 ]
}

@test "stage -o -c leaves plain disks where they are" {
	need qemu-img
	echo '{"guest": "none", "images": [{"name": "d", "type": "blk", "path": "in/d"}]}' |
		emu-stage -o -c cache >/dev/null
	[ "$(qemu-img info --output=json out/blk_d | jq -r '.["full-backing-filename"]')" = "$PWD/in/d" ]
	[ "$(ls -A out)" = blk_d ]
	[ -z "$(find cache -name '*-*')" ]
}

@test "stage -o -c copies what has a sha256 to check" {
	need qemu-img
	jq --arg d "$(sha256sum <in/d | cut -c1-64)" '.images[1].sha256 = $d' entries.json >sum.json
	staged new -o sum.json
	staged kept -o sum.json
}

@test "stage -C takes no image away from this run's guest" {
	need qemu-img
	for _ in 1 2; do
		overlaid any -C 0 entries.json
		[ "$(ls -d cache/image-* | grep -c .)" -ge 1 ]
	done
	# Nor does another run's: the base is the guest's.
	emu-stage -o -c cache entries.json >new.json
	mkdir -m 700 other
	echo '{"guest": "none"}' | emu-stage -d other -c cache -C 0 >/dev/null
	[ -z "$(find cache -name '*-*')" ]
	qemu-img convert -f qcow2 -O raw out/blk_d flat
	cmp -n 2005004 in/d flat
}

@test "stage -o -c works between file systems" {
	need qemu-img
	[ -d /dev/shm ] || skip "no other file system"
	local dir
	dir=$(mktemp -d -p /dev/shm)
	[ "$(stat -c %d "$dir")" != "$(stat -c %d .)" ] || { rmdir "$dir"; skip "no other file system"; }
	for _ in 1 2; do
		emu-stage -o -d "$dir" -c cache -C 0 entries.json >new.json || break
		qemu-img convert -f qcow2 -O raw "$dir/blk_d" flat || break
		cmp -n 2005004 in/d flat || break
		rm "$dir"/*
	done
	[ -z "$(ls -A "$dir")" ] || { rm -r "$dir"; return 1; }
	rmdir "$dir"
}

@test "stage -C keeps what was used last" {
	staged new entries.json
	touch -a -d '1 hour ago' cache/image-*
	gzip -c in/k >k.gz
	echo '{"guest": "none", "images": [{"name": "k", "type": "x", "path": "k.gz", "decompress": true}]}' >one.json
	emu-stage -c cache -C 400K one.json >/dev/null
	rm out/*
	[ "$(ls -d cache/image-* | wc -l)" -le 2 ]
	emu-stage -v -c cache one.json 2>err >/dev/null
	grep -q 'from the cache' err
	rm out/*
	emu-stage -c cache -C 0 one.json >/dev/null
	[ -z "$(find cache -name '*-*')" ]
	cmp in/k out/x_k
}

@test "stage -c is shared by runs at the same time" {
	local i pids=()
	for i in 1 2 3 4 5 6; do
		mkdir -m 700 "out$i"
		emu-stage -c cache -C 300K -d "out$i" entries.json >/dev/null 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	for i in 1 2 3 4 5 6; do
		cmp in/k "out$i/kernel_k"
		cmp in/d "out$i/blk_d"
	done
}

@test "stage -c refuses a cache that others can write to" {
	mkdir -m 777 cache
	chmod 777 cache
	expect_error 1 'emu-stage: cache: others can write there (chmod go-w)' emu-stage -c cache entries.json
	expect_error 1 'emu-stage: no/where: No such file or directory' emu-stage -c no/where entries.json
}
