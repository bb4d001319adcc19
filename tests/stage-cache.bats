load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -m 700 out
	export EMU_SCRATCH=$PWD/out
	umask 022
	mkdir in
	head -c 300000 /dev/urandom >in/k
	{ head -c 5000 /dev/urandom; head -c 2000000 /dev/zero; echo end; } >in/d
	echo '[{"name": "k", "type": "kernel", "path": "k"},
	       {"name": "d", "type": "blk", "path": "d"}]' >in/images.json
	echo '{"guest": "linux"}' >doc.json
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
	[ "$(ls cache | wc -l)" -eq 2 ]
}

@test "stage -c links what the guest only reads and copies the rest" {
	staged new entries.json
	emu-stage -c cache entries.json >/dev/null
	[ "$(stat -c %h out/kernel_k)" -eq 2 ]
	[ "$(stat -c %h out/blk_d)" -eq 1 ]
	echo guest >>out/blk_d
	rm out/*
	staged kept entries.json
}

@test "stage -c notices a source that changed" {
	staged new entries.json
	head -c 1000 /dev/urandom >in/d
	gzip -c in/d >d.gz
	tar -czf t.tar.gz -C in images.json k d
	staged new entries.json
	staged kept entries.json
}

@test "stage -c replaces damaged entries" {
	staged new entries.json
	for f in cache/*; do
		chmod 600 "$f"
		echo x >>"$f"
	done
	staged new entries.json
	staged kept entries.json
	for f in cache/*; do
		chmod 600 "$f"
		: >"$f"
	done
	staged new entries.json
	staged kept entries.json
	for f in cache/*; do
		rm "$f"
		ln -s /etc/passwd "$f"
	done
	emu-stage -c cache entries.json >/dev/null
	cmp in/k out/kernel_k
	rm out/*
	staged kept entries.json
}

@test "stage -c checks the sha256 of what it kept" {
	jq --arg k "$(sha256sum <in/k | cut -c1-64)" '.images[0].sha256 = $k' entries.json >sum.json
	staged new sum.json
	staged kept sum.json
	f=$(find cache -size -600k -size +250k)
	chmod 600 "$f"
	touch -r "$f" stamp
	printf x | dd of="$f" conv=notrunc status=none
	touch -r stamp "$f"
	run --separate-stderr emu-stage -c cache sum.json
	[ "$status" -eq 1 ]
	[[ "$stderr" == *": has sha256 "* ]]
	[ -z "$(ls -A out)" ]
}

@test "stage -C keeps what was used last" {
	staged new entries.json
	touch -a -d '1 hour ago' cache/*
	gzip -c in/k >k.gz
	echo '{"guest": "none", "images": [{"name": "k", "type": "x", "path": "k.gz", "decompress": true}]}' >one.json
	emu-stage -c cache -C 400K one.json >/dev/null
	rm out/*
	[ "$(ls cache | wc -l)" -le 2 ]
	emu-stage -v -c cache one.json 2>err >/dev/null
	grep -q 'from the cache' err
	rm out/*
	emu-stage -c cache -C 0 one.json >/dev/null
	[ -z "$(ls -A cache)" ]
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
}
