# Fuzz targets: tests/tools/fuzz/NAME.c defines LLVMFuzzerTestOneInput, its corpus is
# the directory tests/tools/fuzz/NAME, and FUZZ_NAME lists the sources that it needs
# beside common/. `make fuzz SECONDS=60`, or RUNS=1000000, runs each with
# libFuzzer and ends with a table; FUZZ="argv fvm" picks some. `make check` runs
# each corpus through the same harness as a plain test.
FUZZERS := $(patsubst tests/tools/fuzz/%/,%,$(dir $(wildcard tests/tools/fuzz/*/)))
FUZZ = $(FUZZERS)
SECONDS = 60
RUNS =
TEST_PARTS += $(FUZZERS:%=$(B)/fuzz/%-corpus)

# What ends the process; and, with FATAL, goes on.
ENDS = cmd/fatal.c cmd/memory.c
FATAL = $(ENDS) tests/tools/fuzz/fatal_end.c
FUZZ_argv = $(FATAL) tests/tools/fuzz/no_ask.c $(filter-out %/emu-argv.c %/ask.c \
	%/probe.c %/remember.c,$(wildcard cmd/emu-argv/*.c))
FUZZ_cast = cmd/emu-cast/cast.c
FUZZ_fvm = cmd/emu-fvm-extend/fvm.c \
	cmd/emu-fvm-extend/growth.c
FUZZ_kind = $(ENDS) $(addprefix cmd/emu-doc/,disk.c elf_file.c esp.c \
	firmware_image.c kind.c qcow2_disk.c source.c)
FUZZ_ktap = $(ENDS) $(filter-out %/emu-ktap.c,$(wildcard cmd/emu-ktap/*.c))
FUZZ_qmp = $(addprefix cmd/emu-spawn/,qmp.c verdict.c)
FUZZ_unpack = $(FATAL) cmd/new_files.c $(filter-out %/emu-unpack.c,$(wildcard cmd/emu-unpack/*.c))
FUZZ_words = $(FATAL) cmd/emu-spawn/words.c
FUZZ_watch = $(FATAL) $(addprefix cmd/emu-watch/,matcher.c pattern.c regex.c)
FUZZ_zbi = $(FATAL) cmd/emu-stage/zbi.c
# Documents are mutated as JSON.
MUTATOR_argv = tests/tools/fuzz/json_mutator.c
MUTATOR_document = tests/tools/fuzz/json_mutator.c
# The seams between blocks are within reach of a small input.
FLAGS_unpack = -DSTREAM_BLOCK_BYTES=4096

fuzz_sources = tests/tools/fuzz/$1.c $(FUZZ_$1) $(wildcard common/*.c)
fuzz_flags = $(filter-out -MMD -MP,$(ALL_CFLAGS)) $(FLAGS_$1) \
	$(addprefix -I,$(sort $(dir $(FUZZ_$1))))
# clang's sanitizer knows more kinds of undefined behaviour than gcc's.
CORPUS_CC = $(if $(findstring -fsanitize,$(CFLAGS)),clang,$(CC))

$(FUZZERS:%=$(B)/fuzz/%): $(B)/fuzz/%: $$(call fuzz_sources,$$*) \
    $$(MUTATOR_$$*) $(wildcard common/*.h) $(B)/flags
	@mkdir -p $(@D)
	$(call short,CC,$@)clang $(call fuzz_flags,$*) -O1 -U_FORTIFY_SOURCE \
	    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	    -o $@ $(call fuzz_sources,$*) $(MUTATOR_$*) $(LDLIBS)

$(FUZZERS:%=$(B)/fuzz/%-corpus): $(B)/fuzz/%-corpus: \
    $$(call fuzz_sources,$$*) tests/tools/fuzz/main.c $(wildcard common/*.h) $(B)/flags
	@mkdir -p $(@D)
	$(call short,CC,$@)$(CORPUS_CC) $(call fuzz_flags,$*) $(ALL_LDFLAGS) -o $@ \
	    $(call fuzz_sources,$*) tests/tools/fuzz/main.c $(LDLIBS)

fuzz: $(FUZZ:%=$(B)/fuzz/%) ## libFuzzer: FUZZ="argv fvm" SECONDS=60 RUNS=1000000
	tests/tools/fuzz/run -b $(B)/fuzz $(if $(RUNS),-r $(RUNS),-s $(SECONDS)) $(FUZZ)

# Keeps in the corpora, for good, the smallest of what make fuzz found that runs
# code which nothing there did.
fuzz-keep: $(FUZZ:%=$(B)/fuzz/%)
	for f in $(FUZZ); do $(B)/fuzz/$$f -set_cover_merge=1 -use_counters=0 \
	    -max_len=4096 tests/tools/fuzz/$$f $(B)/fuzz/found/$$f || exit 1; done

.PHONY: fuzz fuzz-keep
