# A program that plays emulator, reader and writer.
TEST_PARTS += $(B)/tests/emu-spawn/fake
$(B)/tests/emu-spawn/fake: $(B)/tests/emu-spawn/fake.o
	$(call short,CC,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^

TEST_PARTS += $(B)/tests/emu-spawn/limits
$(B)/tests/emu-spawn/limits: $(B)/tests/emu-spawn/limits.o $(B)/cmd/emu-spawn/limit.o $(B)/libemu.a
	$(call short,CC,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^
