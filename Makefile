# emu: small filters that boot an image in an emulator and tell how it went.
VERSION = 0.1
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
DATADIR = $(PREFIX)/share/emu
B = build
.DEFAULT_GOAL := all
.SECONDEXPANSION:

CFLAGS ?= -O2 -g -D_FORTIFY_SOURCE=2
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Icommon \
	-DVERSION='"$(VERSION)"' -DDATADIR='"$(DATADIR)"' \
	-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 \
	-Wimplicit-fallthrough -Wconversion -fPIE -fstack-protector-strong \
	-pthread -MMD -MP $(CFLAGS)
ALL_LDFLAGS = -pie -pthread -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS)
LIBS = jansson libcrypto libarchive
LDLIBS = -Wl,--as-needed $(shell pkg-config --libs $(LIBS))

CMDS := $(sort $(basename $(notdir $(wildcard cmd/emu-*))))
SCRIPTS := $(basename $(notdir $(wildcard cmd/*.sh)))
PROGS := $(filter-out $(SCRIPTS),$(CMDS))
MAN := $(wildcard man/*.[157])
COMMON := $(patsubst %.c,$(B)/%.o,$(wildcard common/*.c))
SRC := $(wildcard cmd/*.[ch] cmd/*/*.[ch] common/*.[ch] tests/*/*.[ch] \
	share/*/*.[ch])
objects = $(patsubst %.c,$(B)/%.o,$(wildcard cmd/$1.c cmd/$1/*.c))

DEBS_BUILD = gcc pkg-config libjansson-dev libssl-dev libarchive-dev
DEBS_RUN = qemu-system-x86 qemu-system-arm jq
include tests/deps.mk $(wildcard share/*/*.mk tests/*/*.mk)

ifeq ($(filter deps clean uninstall,$(MAKECMDGOALS)),)
missing := $(shell command -v pkg-config >/dev/null || echo pkg-config; \
	for l in $(LIBS); do pkg-config --exists $$l 2>/dev/null || echo $$l; done)
$(if $(missing),$(error missing: $(strip $(missing)); 'make deps' installs \
	what is needed to build, run and test))
endif

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

check: all $$(TEST_PARTS)
	tests/run -b $(B)

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined

check-san:
	$(MAKE) B=$(B)/san LDFLAGS='$(LDFLAGS) $(SANITIZE)' \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)' check

soak:
	EMU_TEST_SOAK=1 $(MAKE) check

lint:
	clang-format --dry-run -Werror $(SRC)
	cppcheck -q --std=c11 --enable=warning,portability,performance \
	    --inline-suppr --error-exitcode=1 -Icommon cmd common
	shellcheck -s sh cmd/*.sh
	checkbashisms cmd/*.sh
	shellcheck tests/run .ci/run
	mandoc -Tlint -W warning $(MAN)

fmt:
	clang-format -i $(SRC)

bench: all $$(TEST_PARTS)
	tests/bench/run -b $(B)

demo: all $$(DEMO)
	PATH="$(CURDIR)/$(B):$$PATH" $(B)/emu-run $(DEMO)

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 \
	    $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7
	install -m 755 $(CMDS:%=$(B)/%) $(DESTDIR)$(BINDIR)
	for p in $(MAN); do install -m 644 $$p \
	    $(DESTDIR)$(MANDIR)/man$${p##*.}/ || exit 1; done
	install -d $(DESTDIR)$(DATADIR)
	cp -R share/. $(DESTDIR)$(DATADIR)
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

deps:
	tests/deps $(DEBS_BUILD) $(DEBS_RUN) $(DEBS_TEST)

.PHONY: all check check-san soak lint fmt bench demo install uninstall dist \
	clean deps
