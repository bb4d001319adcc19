# emu: small filters that boot an image in an emulator and tell how it went.
VERSION = 0.1
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
DATADIR = $(PREFIX)/share/emu
DOCDIR = $(PREFIX)/share/doc/emu
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d
B = build
.DEFAULT_GOAL := all
.SECONDEXPANSION:

PKG_CONFIG ?= pkg-config
# Over all files at once: CFLAGS='-O3 -flto=auto'; with CC=clang also LDFLAGS=-fuse-ld=lld.
CFLAGS ?= -O2 -g -D_FORTIFY_SOURCE=3
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Icommon \
	'-DVERSION="$(VERSION)"' '-DDATADIR="$(DATADIR)"' \
	-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 \
	-Wimplicit-fallthrough -Wconversion -fPIE -fstack-protector-strong \
	'-ffile-prefix-map=$(CURDIR)=.' -pthread -MMD -MP \
	$(ISAL:libisal=-DHAVE_ISAL) $(LIBS_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -pthread -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS)

# emu-unpack takes half the time for gzip with it; not every architecture has it.
ISAL := $(shell $(PKG_CONFIG) --exists libisal 2>/dev/null && echo libisal)
# What each command links beside libc.
$(foreach c,argv cast env ktap run spawn,$(eval LIBS_emu-$c = jansson))
LIBS_emu-doc = jansson $(ISAL)
LIBS_emu-fvm-extend = jansson libcrypto
LIBS_emu-init = jansson libarchive
LIBS_emu-stage = jansson libcrypto
LIBS_emu-unpack = jansson libarchive $(ISAL)
LIBS_emu-watch = jansson libpcre2-8

CMDS := $(sort $(basename $(notdir $(wildcard cmd/emu-*))))
SCRIPTS := $(basename $(notdir $(wildcard cmd/*.sh)))
PROGS := $(filter-out $(SCRIPTS),$(CMDS))
MAN := $(wildcard man/*.[157])
DATA := $(addprefix share/,examples flavors patterns recipes schema \
	node-words startup.img targets.json)
LIBS := $(sort $(foreach c,$(PROGS),$(LIBS_$c)))
libs = $(if $1,$(shell $(PKG_CONFIG) --libs $1))
objects = $(patsubst %.c,$(B)/%.o,$(wildcard cmd/$1.c cmd/$1/*.c))
# What commands share. common/ never ends them: what does is in cmd/.
COMMON := $(patsubst %.c,$(B)/%.o,$(wildcard common/*.c) $(addprefix cmd/, \
	fatal.c json_memory.c memory.c new_files.c usage.c))

DEBS_BUILD = gcc libc6-dev pkg-config libjansson-dev libssl-dev libarchive-dev \
	'libisal-dev|' libpcre2-dev
DEBS_RUN = qemu-system-x86 qemu-system-arm qemu-utils jq
include tests/deps.mk
ifndef DEPS_FIRST
LIBS_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBS) 2>/dev/null)
include $(wildcard share/*/*.mk tests/check.mk tests/*/*.mk tests/*/*/*.mk)

all: $(CMDS:%=$(B)/%) $$(ALL_EXTRA) ## the commands, into B (build)

$(PROGS:%=$(B)/%): $(B)/emu-%: $$(call objects,emu-$$*) $(B)/libemu.a
	$(call short,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call libs,$(LIBS_$(@F)))

$(SCRIPTS:%=$(B)/%): $(B)/%: cmd/%.sh $(B)/placed
	$(call short,SH,$<)sed 's|@VERSION@|$(VERSION)|' $< >$@.tmp
	@chmod 755 $@.tmp
	@mv $@.tmp $@

$(B)/libemu.a: $(COMMON)
	@rm -f $@
	$(call short,AR,$@)$(AR) rcs $@ $^

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call short,CC,$<)$(CC) $(ALL_CFLAGS) -c -o $@ $<

-include $(wildcard $(B)/common/*.d $(B)/cmd/*.d $(B)/cmd/*/*.d)

# $(call short,CC,file): before a command that V=1 shows whole and -s not at all.
short = $(if $(V),,@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,echo '$1 $2';))
# $(call remember,file,text): makes the file anew when it says something else.
remember = $(shell mkdir -p '$(dir $1)')$(if \
	$(findstring <$2>,<$(file <$1)>),,$(file >$1,$2))
$(call remember,$(B)/flags,$(CC) $(filter-out '-DVERSION=% '-DDATADIR=%,$(ALL_CFLAGS)) $(ALL_LDFLAGS))
$(call remember,$(B)/placed,$(VERSION) $(DATADIR))
$(B)/flags $(B)/placed:
# The objects that hold the version or the place of the data.
$(patsubst %.c,$(B)/%.o,$(shell grep -lwE 'VERSION|DATADIR' \
	$(wildcard cmd/*.c cmd/*/*.c common/*.c))): $(B)/placed

install: all ## the commands, pages and data, to PREFIX (/usr/local)
	for d in $(foreach d,BINDIR DATADIR DOCDIR BASHDIR ZSHDIR FISHDIR,'$(DESTDIR)$($d)') \
	    $(foreach s,1 5 7,'$(DESTDIR)$(MANDIR)/man$s'); do \
	    [ -d "$$d" ] || install -d "$$d" || exit 1; done
	install -m 755 $(CMDS:%=$(B)/%) '$(DESTDIR)$(BINDIR)'
	for p in $(MAN); do install -m 644 $$p \
	    '$(DESTDIR)$(MANDIR)'/man$${p##*.}/ || exit 1; done
	cp -R $(DATA) '$(DESTDIR)$(DATADIR)'
	chmod -R u=rwX,go=rX '$(DESTDIR)$(DATADIR)'
	for p in $(ALL_EXTRA); do \
	    install -m 644 $$p '$(DESTDIR)$(DATADIR)' || exit 1; done
	install -m 644 LICENSE README.md '$(DESTDIR)$(DOCDIR)'
	install -m 644 share/completions/_emu '$(DESTDIR)$(ZSHDIR)'
	for c in $(CMDS); do \
	    install -m 644 share/completions/emu.bash '$(DESTDIR)$(BASHDIR)'/$$c && \
	    install -m 644 share/completions/emu.fish \
	        '$(DESTDIR)$(FISHDIR)'/$$c.fish || exit 1; done

uninstall: ## takes all of it away again
	cd '$(DESTDIR)$(BINDIR)' && rm -f $(CMDS)
	cd '$(DESTDIR)$(MANDIR)' && rm -f $(foreach p,$(MAN:man/%=%),man$(subst .,,$(suffix $p))/$p)
	cd '$(DESTDIR)$(BASHDIR)' && rm -f $(CMDS)
	cd '$(DESTDIR)$(FISHDIR)' && rm -f $(CMDS:%=%.fish)
	rm -f '$(DESTDIR)$(ZSHDIR)/_emu'
	rm -rf '$(DESTDIR)$(DATADIR)' '$(DESTDIR)$(DOCDIR)'

clean: ## removes B
	rm -rf $(B)

help: ## this list; V=1 shows whole commands
	@grep -hE '^[a-z-]+:.* ## ' Makefile share/*/*.mk tests/*.mk tests/*/*/*.mk | \
	    sed 's/:.* ## /	/' | LC_ALL=C sort | expand -t 16

.PHONY: all install uninstall clean help
endif
