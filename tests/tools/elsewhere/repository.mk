# What a repository has that boots its kernel by the templates for CI: a "kernel", which is a
# boot sector that prints one result of a test and powers off.
bzImage:
	printf '\276\026\174\254\204\300\164\006\272\370\003\356\353\365\272\004\006\270\000\040\357\364' >$@
	printf 'TAP version 14\r\n1..1\r\nok 1 booted\r\n' >>$@
	truncate -s 510 $@
	printf '\125\252' >>$@
	truncate -s 1M $@
