# What the FVM tests need: a builder and judge of images that shares no code with
# the command, and unit tests of the command's pure functions.
TEST_PARTS += $(B)/tests/emu-fvm-extend/image
$(B)/tests/emu-fvm-extend/image: $(B)/tests/emu-fvm-extend/image.o
	$(call short,CC,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

TEST_PARTS += $(B)/tests/emu-fvm-extend/crash.so
$(B)/tests/emu-fvm-extend/crash.so: tests/emu-fvm-extend/crash.c
	@mkdir -p $(@D)
	$(call short,CC,$@)$(CC) -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -O2 -g -fPIC -shared -o $@ $<

FVM_PURE = cmd/emu-fvm-extend/fvm.c \
	cmd/emu-fvm-extend/growth.c
TEST_PARTS += $(B)/tests/emu-fvm-extend/call
$(B)/tests/emu-fvm-extend/call.o: ALL_CFLAGS += -Icmd/emu-fvm-extend
$(B)/tests/emu-fvm-extend/call: $(B)/tests/emu-fvm-extend/call.o $(FVM_PURE:%.c=$(B)/%.o) \
    $(B)/libemu.a
	$(call short,CC,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

# For the benchmark.
TEST_PARTS += $(B)/tests/emu-fvm-extend/plain
$(B)/tests/emu-fvm-extend/plain.o: ALL_CFLAGS += -Icmd/emu-fvm-extend
$(B)/tests/emu-fvm-extend/plain: $(B)/tests/emu-fvm-extend/plain.o \
    $(B)/cmd/emu-fvm-extend/growth.o $(B)/libemu.a
	$(call short,CC,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)
