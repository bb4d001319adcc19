# make bench: one table of what emu costs beside what else one would use;
# make bench SVG=bench.svg draws it too.
BENCH_NEED = hyperfine:hyperfine bsdtar:libarchive-tools jq:jq \
	qemu-system-x86_64:qemu-system-x86 script:bsdutils socat:socat \
	time:time unbuffer:expect zstd:zstd
bench: all $$(TEST_PARTS) ## what emu costs, as a table; SVG=bench.svg draws it
	$(call need,$(BENCH_NEED) $(if $(SVG),gnuplot:gnuplot-nox))
	@tests/tools/bench/run -b $(B) $(SVG:%=-s %)
.PHONY: bench

# Without the build's own flags: it is no part of a sanitized program.
TEST_PARTS += $(B)/tests/tools/bench/nosync.so
$(B)/tests/tools/bench/nosync.so: tests/tools/bench/nosync.c
	@mkdir -p $(@D)
	$(call short,CC,$@)$(CC) -std=c17 -D_GNU_SOURCE -Wall -Wextra -O2 -fPIC -shared -o $@ $<
