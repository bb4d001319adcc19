# Prints emu-argv's vocabulary, which tests hold against the schema, the page
# and QEMU.
TEST_PARTS += $(B)/tests/emu-argv/vocabulary
$(B)/tests/emu-argv/vocabulary: $(B)/tests/emu-argv/vocabulary.o \
    $(B)/cmd/emu-argv/vocabulary.o
	$(call short,CC,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^

$(B)/tests/emu-argv/vocabulary.o: ALL_CFLAGS += -Icmd/emu-argv
