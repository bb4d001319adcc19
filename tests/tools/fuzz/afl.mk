# make afl SECONDS=60: whole commands under AFL++ (tests/tools/fuzz/afl); `make deps
# afl` installs it.
AFL = emu-argv emu-cast emu-doc emu-fvm-extend emu-ktap emu-unpack emu-watch
# A command with ASan has no sandbox: these run without, too.
AFL_SANDBOX = emu-fvm-extend emu-unpack
# emu-argv runs no emulator then, whatever an input says.
AFL_emu-argv = tests/tools/fuzz/no_ask.o
AFL_emu-unpack = tests/tools/fuzz/afl_start.o

afl_objects = $(filter-out %/emu-argv/ask.o %/emu-argv/remember.o,$(call objects,$1)) \
	$(addprefix $(B)/,$(AFL_$1))
$(AFL:%=$(B)/fuzz/%): $(B)/fuzz/%: $$(call afl_objects,$$*) $(B)/libemu.a
	@mkdir -p $(@D)
	$(call short,CC,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)
$(B)/tests/tools/fuzz/no_ask.o: ALL_CFLAGS += -Icmd/emu-argv

AFL_MAKE = AFL_QUIET=1 AFL_USE_UBSAN=1 $(MAKE) -s CC=afl-clang-fast \
	CFLAGS='-O1 -g'
afl: $(B)/tests/emu-fvm-extend/image ## whole commands under AFL++
	@command -v afl-fuzz >/dev/null || { echo "missing: afl-fuzz, of" \
	    "package afl++; 'make deps afl' installs it" >&2; exit 1; }
	AFL_USE_ASAN=1 $(AFL_MAKE) B=$(B)/afl $(AFL:%=$(B)/afl/fuzz/%)
	$(AFL_MAKE) B=$(B)/afl/sandboxed \
	    $(AFL_SANDBOX:%=$(B)/afl/sandboxed/fuzz/%)
	tests/tools/fuzz/afl -b $(B) -s $(SECONDS) $(AFL:%=$(B)/afl/fuzz/%) \
	    $(AFL_SANDBOX:%=$(B)/afl/sandboxed/fuzz/%)

.PHONY: afl
