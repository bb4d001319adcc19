# Fuzz targets: tests/fuzz/NAME.c defines LLVMFuzzerTestOneInput, its corpus is
# tests/fuzz/NAME/, and FUZZ_NAME lists the sources that it needs beside common/.
# `make fuzz SECONDS=60` runs each with libFuzzer; `make check` runs each corpus
# through the same harness as a plain test.
FUZZ_argv = $(filter-out %/emu-argv.c %/accel.c %/ask.c %/introspect.c \
	%/probe.c,$(wildcard cmd/emu-argv/*.c))
FUZZ_cast = cmd/emu-cast/cast.c cmd/emu-cast/utf8_stream.c
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(filter-out tests/fuzz/main.c,\
	$(wildcard tests/fuzz/*.c)))
SECONDS = 60
TEST_PARTS += $(FUZZERS:%=$(B)/fuzz/%-corpus)
FUZZ_fvm = cmd/emu-fvm-extend/digest.c cmd/emu-fvm-extend/fvm.c \
	cmd/emu-fvm-extend/growth.c cmd/emu-fvm-extend/kind.c
FUZZ_kind = $(addprefix cmd/emu-doc/,disk.c elf_file.c esp.c kind.c qcow2.c \
	source.c)
FUZZ_ktap = $(filter-out %/emu-ktap.c,$(wildcard cmd/emu-ktap/*.c))
FUZZ_unpack = $(filter-out %/emu-unpack.c %/options.c %/sandbox.c,\
	$(wildcard cmd/emu-unpack/*.c))
FUZZ_qmp = $(addprefix cmd/emu-spawn/,json.c qmp.c verdict.c)
FUZZ_words = cmd/emu-spawn/words.c
FUZZ_watch = $(addprefix cmd/emu-watch/,literal.c matcher.c pattern.c \
	pattern_file.c regex.c scan.c skim.c)
# clang's sanitizer knows more kinds of undefined behaviour than gcc's.
CORPUS_CC = $(if $(findstring -fsanitize,$(CFLAGS)),clang,$(CC))
FUZZ_DEPS = $(wildcard common/*.c common/*.h) tests/fuzz/main.c

$(FUZZERS:%=$(B)/fuzz/%): $(B)/fuzz/%: tests/fuzz/%.c $$(FUZZ_$$*) $(FUZZ_DEPS)
	@mkdir -p $(@D)
	clang $(filter-out -MMD -MP,$(ALL_CFLAGS)) -O1 -Itests/fuzz \
	    $(addprefix -I,$(sort $(dir $(FUZZ_$*)))) \
	    -U_FORTIFY_SOURCE -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=undefined -o $@ $< \
	    $(FUZZ_$*) $(wildcard common/*.c) $(LDLIBS)

$(FUZZERS:%=$(B)/fuzz/%-corpus): $(B)/fuzz/%-corpus: tests/fuzz/%.c \
    $$(FUZZ_$$*) $(FUZZ_DEPS)
	@mkdir -p $(@D)
	$(CORPUS_CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) $(ALL_LDFLAGS) \
	    $(addprefix -I,$(sort $(dir $(FUZZ_$*)))) -o $@ $< \
	    tests/fuzz/main.c $(FUZZ_$*) $(wildcard common/*.c) $(LDLIBS)

fuzz: $(FUZZERS:%=$(B)/fuzz/%)
	for f in $(FUZZERS); do mkdir -p $(B)/fuzz/found/$$f && \
	    $(B)/fuzz/$$f -max_total_time=$(SECONDS) -timeout=1 -rss_limit_mb=512 \
	    -print_final_stats=1 -artifact_prefix=$(B)/fuzz/$$f- \
	    $(B)/fuzz/found/$$f tests/fuzz/$$f || exit 1; done

.PHONY: fuzz
