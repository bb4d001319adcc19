# emu: small filters that boot an image in an emulator and tell how it went.
VERSION = 0.1
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
DATADIR = $(PREFIX)/share/emu
B = build
.DEFAULT_GOAL := all
.SECONDEXPANSION:

CFLAGS ?= -O2 -g -D_FORTIFY_SOURCE=3
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Icommon \
	-DVERSION='"$(VERSION)"' -DDATADIR='"$(DATADIR)"' \
	-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 \
	-Wimplicit-fallthrough -Wconversion -fPIE -fstack-protector-strong \
	-pthread -MMD -MP $(CFLAGS)
ALL_LDFLAGS = -pie -pthread -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS)
LIBS = jansson libcrypto libarchive libpcre2-8
# emu-unpack takes half the time for gzip with it; not every architecture has it.
ifeq ($(shell pkg-config --exists libisal && echo yes),yes)
ALL_CFLAGS += -DHAVE_ISAL
LIBS += libisal
endif
LDLIBS = -Wl,--as-needed $(shell pkg-config --libs $(LIBS))

CMDS := $(sort $(basename $(notdir $(wildcard cmd/emu-*))))
SCRIPTS := $(basename $(notdir $(wildcard cmd/*.sh)))
PROGS := $(filter-out $(SCRIPTS),$(CMDS))
MAN := $(wildcard man/*.[157])
DATA := $(addprefix share/,completions examples flavors patterns recipes schema)
COMMON := $(patsubst %.c,$(B)/%.o,$(wildcard common/*.c))
SRC := $(wildcard cmd/*.[ch] cmd/*/*.[ch] common/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch] \
	share/*/*.[ch])
objects = $(patsubst %.c,$(B)/%.o,$(wildcard cmd/$1.c cmd/$1/*.c))

DEBS_BUILD = gcc libc6-dev pkg-config libjansson-dev libssl-dev libarchive-dev \
	libisal-dev libpcre2-dev
DEBS_RUN = qemu-system-x86 qemu-system-arm jq
include tests/deps.mk
ifndef DEPS_FIRST
include $(wildcard share/*/*.mk tests/*/*.mk tests/*/*/*.mk)

all: $(CMDS:%=$(B)/%) $$(ALL_EXTRA)

$(PROGS:%=$(B)/%): $(B)/emu-%: $$(call objects,emu-$$*) $(B)/libemu.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(SCRIPTS:%=$(B)/%): $(B)/%: cmd/%.sh
	@mkdir -p $(@D)
	sed 's|@VERSION@|$(VERSION)|' $< >$@.tmp
	chmod 755 $@.tmp
	mv $@.tmp $@

$(B)/libemu.a: $(COMMON)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

-include $(wildcard $(B)/common/*.d $(B)/cmd/*.d $(B)/cmd/*/*.d)

# What the tests run beside the commands.
parts: all $$(TEST_PARTS)

check: parts
	$(call need,bats:bats)
	tests/run -b $(B)

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined

check-san:
	$(MAKE) B=$(B)/san LDFLAGS='$(LDFLAGS) $(SANITIZE)' \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)' check

soak:
	EMU_TEST_SOAK=1 $(MAKE) check

fmt:
	clang-format -i $(SRC)

demo: all $$(DEMO)
	$(call need,qemu-system-x86_64:qemu-system-x86)
	$(B)/emu-run $(DEMO)

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 \
	    $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7
	install -m 755 $(CMDS:%=$(B)/%) $(DESTDIR)$(BINDIR)
	for p in $(MAN); do install -m 644 $$p \
	    $(DESTDIR)$(MANDIR)/man$${p##*.}/ || exit 1; done
	install -d $(DESTDIR)$(DATADIR)
	cp -R $(DATA) $(DESTDIR)$(DATADIR)
	for p in $(ALL_EXTRA); do \
	    install -m 644 $$p $(DESTDIR)$(DATADIR) || exit 1; done

uninstall:
	rm -f $(CMDS:%=$(DESTDIR)$(BINDIR)/%)
	for p in $(MAN); do rm -f $(DESTDIR)$(MANDIR)/man$${p##*.}/$${p##*/}; done
	rm -rf $(DESTDIR)$(DATADIR)

dist:
	git archive --prefix=emu-$(VERSION)/ -o emu-$(VERSION).tar.gz HEAD

clean:
	rm -rf $(B)

.PHONY: all parts check check-san soak lint fmt demo install uninstall dist \
	clean
endif
