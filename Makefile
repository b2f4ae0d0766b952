# make            build bin/saksi, and the library once its face is there
# make check      unit tests and the rooms' rules; ./check runs everything
# make install    DESTDIR= PREFIX=/usr/local; give make the same PREFIX before
# make bench      measures, beside its peers, and writes bench/RESULTS.md
# make WERROR=1   warnings are errors (./check does this)
CC      ?= cc
CFLAGS  ?= -O2 -g
B       ?= build
PREFIX  ?= /usr/local
WARN    := -std=c17 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla \
           -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wwrite-strings \
           -Wswitch-enum -Wcast-qual -Wformat=2 $(if $(WERROR),-Werror)
# Hardened as far as this compiler can; tools/hardened.sh looks at what came out.
try      = $(shell $(CC) -O2 -Werror $1 -include stdio.h -x c -c -o /dev/null \
           /dev/null 2>/dev/null && echo '$1')
first    = $(or $(call try,$1),$2)
HARD    := -fstack-protector-strong -U_FORTIFY_SOURCE \
           $(call first,-D_FORTIFY_SOURCE=3,-D_FORTIFY_SOURCE=2) \
           $(call try,-fstack-clash-protection) $(call try,-fcf-protection=full) \
           $(call try,-mbranch-protection=standard) \
           -fPIC -fno-common -fvisibility=hidden
INIT    := $(call try,-ftrivial-auto-var-init=zero)
# The same bits wherever it is built: tools/reproducible.sh.
HARD    += -ffile-prefix-map=$(CURDIR)=.
ALL      = $(CFLAGS) $(WARN) $(HARD) $(INIT) -D_GNU_SOURCE -MMD -MP -Isrc -Iinclude $(EXTRA)
LINK     = $(ALL) -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed
LIBS    := -lsqlite3 -lcurl -lmicrohttpd -lexpat -llz4 -lseccomp -lsodium -lcrypto -lpthread
VERSION := $(shell sed -n 's/^\#define SAKSI_VERSION "\(.*\)"/\1/p' src/base/version.h)

# A room is a folder of src/; src/ROOMS says which others it may use, and a
# test of a room links just those, so that the arrows hold at link time too.
ROOMS   := $(shell sed -n 's/^\([a-z]*\):.*/\1/p' src/ROOMS)
room_o   = $(patsubst %.c,$B/%.o,$(filter-out src/cmd/main.c,$(wildcard src/$1/*.c)))
uses     = $(shell sed -n 's/^$1: *//p' src/ROOMS)
rooms_o  = $(foreach r,$1,$(call room_o,$r))
with     = $(sort $1 $(foreach r,$1,$(call uses,$r)))
TESTS   := $(patsubst tests/unit/%.c,$B/unit/%,$(wildcard tests/unit/*/*_test.c))
FUZZ    := $(patsubst tests/fuzz/%.c,$B/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))
LIB     := $(if $(wildcard include/saksi.h),$B/libsaksi.a $B/libsaksi.so.0)

all: bin/saksi $(LIB)
bin/saksi: $B/saksi
	@mkdir -p bin
	cp -f $< $@.new && mv -f $@.new $@
$B/saksi: $B/src/cmd/main.o $(call rooms_o,$(ROOMS))
	$(CC) $(LINK) -pie -o $@ $^ $(LIBS)

$B/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL) -c -o $@ $<

# Clearing what is written at once anyway costs the hashes of a tree a tenth.
$(patsubst %.c,$B/%.o,$(wildcard src/crypto/hash*.c)): INIT :=
# Eight messages at once go a tenth faster when the compiler tries harder.
$B/src/crypto/hash_lanes8.o $B/src/crypto/hash_lanes16.o: CFLAGS += -O3

# ---- libsaksi: the rooms up to verify behind include/saksi.h.  Only what
# include/saksi.symbols lists can be called from outside, in both forms.
LIB_O   := $(call rooms_o,$(call with,lib))
$B/libsaksi.map: include/saksi.symbols
	@mkdir -p $(@D)
	(echo 'SAKSI_0 {'; echo 'global:'; sed 's/$$/;/' $<; echo 'local: *;'; echo '};') >$@
$B/libsaksi.so.0: $(LIB_O) $B/libsaksi.map
	$(CC) $(LINK) -shared -Wl,-soname,libsaksi.so.0 -Wl,-z,defs \
		-Wl,--version-script=$B/libsaksi.map -o $@ $(LIB_O) -lsodium -lcrypto
	ln -sf libsaksi.so.0 $B/libsaksi.so
$B/libsaksi.a: $(LIB_O)
	$(LD) -r -o $B/libsaksi.o $^
	objcopy --localize-hidden $B/libsaksi.o
	rm -f $@
	$(AR) rcsD $@ $B/libsaksi.o
$B/saksi.pc: saksi.pc.in src/base/version.h .FORCE
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' $< >$@

# ---- tests
# Calls that a test plays itself: to fail the n-th one, or an older kernel.
WRAP_base_buf         := -Wl,--wrap=malloc,--wrap=free
WRAP_crypto_hash      := -Wl,--wrap=EVP_DigestInit_ex2
WRAP_crypto_sign      := -Wl,--wrap=sodium_malloc
WRAP_store_fault      := -Wl,--wrap=openat,--wrap=write,--wrap=read,--wrap=fsync,--wrap=syncfs,--wrap=fchmod,--wrap=close,--wrap=renameat,--wrap=linkat,--wrap=mkdirat
WRAP_log_fault        := -Wl,--wrap=sqlite3_step,--wrap=write,--wrap=fsync,--wrap=syncfs,--wrap=renameat
WRAP_log_sync         := -Wl,--wrap=sqlite3_step,--wrap=fsync,--wrap=syncfs
WRAP_guard_guard      := -Wl,--wrap=syscall
WRAP_log_years_fault  := $(WRAP_log_fault),--wrap=linkat
WRAP_follow_fault     := -Wl,--wrap=openat,--wrap=write,--wrap=read,--wrap=fsync,--wrap=fchmod,--wrap=close,--wrap=renameat,--wrap=mkdirat
WRAP_follow_ahead     := -Wl,--wrap=pthread_create
WRAP_net_file         := -Wl,--wrap=syscall
WRAP_witness_fault    := -Wl,--wrap=sqlite3_step
WRAP_witness_group    := -Wl,--wrap=sqlite3_step

# The world that tests of statements play in is the ledger's; facts are gathered
# before they are read back.
PLAYS_statement := ledger
PLAYS_facts     := collect

define test_rule
$B/unit/$1/%_test: $B/tests/unit/$1/%_test.o $(call rooms_o,$1 $(call uses,$1) $(PLAYS_$1))
	@mkdir -p $$(@D)
	$$(CC) $$(ALL) -pie -o $$@ $$^ $$(WRAP_$1_$$*) -lcmocka -ljansson $$(LIBS)
endef
$(foreach r,$(ROOMS),$(eval $(call test_rule,$r)))

# The first line of a fuzz target names its rooms: /* rooms: base crypto note */
fuzz_rooms = $(shell sed -n '1s|.*rooms: \([a-z ]*\).*|\1|p' $1)
define fuzz_rule
$B/fuzz/$1: $B/tests/fuzz/$1.o \
            $(call rooms_o,$(call with,$(call fuzz_rooms,tests/fuzz/$1.c)))
	@mkdir -p $$(@D)
	$$(CC) $$(ALL) -fsanitize=fuzzer -o $$@ $$^ -ljansson $$(LIBS)
endef
$(foreach f,$(FUZZ),$(eval $(call fuzz_rule,$(notdir $f))))

# ---- tests/alloc: the unit tests once more, in which each allocation of ours
# fails once.  Only the rooms' objects call the failing ones (tests/alloc/calls).
$B/alloc/%.o: $B/%.o tests/alloc/calls
	@mkdir -p $(@D)
	objcopy --redefine-syms=tests/alloc/calls $(foreach s,.text .text.unlikely,\
		--rename-section $s=saksi_text,alloc,load,readonly,code,contents) $< $@
define alloc_rule
$B/alloc/unit/$1/%_test: $B/tests/unit/$1/%_test.o $B/tests/alloc/fail.o \
		$(patsubst $B/%,$B/alloc/%,$(call rooms_o,$1 $(call uses,$1) $(PLAYS_$1)))
	@mkdir -p $$(@D)
	$$(CC) $$(ALL) -pie -o $$@ $$^ $$(WRAP_$1_$$*) \
		-Wl,--wrap=_cmocka_run_group_tests -lcmocka -ljansson $$(LIBS)
endef
$(foreach r,$(ROOMS),$(eval $(call alloc_rule,$r)))
alloc-tests: $(patsubst $B/unit/%,$B/alloc/unit/%,$(TESTS))

# ---- figures: bench/NAME.c says its rooms as a fuzz target does
BENCH   := $(patsubst bench/%.c,$B/bench/%,$(wildcard bench/*.c))
define bench_rule
$B/bench/$1: $B/bench/$1.o \
             $(call rooms_o,$(call with,$(call fuzz_rooms,bench/$1.c)))
	$$(CC) $$(ALL) -pie -o $$@ $$^ $$(LIBS)
endef
$(foreach b,$(BENCH),$(eval $(call bench_rule,$(notdir $b))))
bench-programs: $(BENCH)
bench: $B/saksi $(BENCH)
	B=$B tools/bench.sh

tests: $(TESTS)
fuzz: $(FUZZ)
check: tests
	tools/rooms.sh
	tools/unit.sh $(TESTS)

# Each broken copy of the program must be noticed by a test.
mutants:
	tools/mutants.sh
# In full what ./check does in a quick form.
slow:
	tools/slow.sh

# Strangers' tools judge ours in every role, and ours theirs: docs/INTEROP.md.
interop: $B/saksi
	SAKSI=$B/saksi tools/interop.sh

install: $B/saksi $(if $(LIB),$(LIB) $B/saksi.pc)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/saksi
	install $B/saksi $(DESTDIR)$(PREFIX)/bin/
	install -m 644 docs/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	if [ -d rules ]; then cp -R rules $(DESTDIR)$(PREFIX)/share/saksi/; fi
ifneq ($(LIB),)
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include
	install -m 644 include/saksi.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 $(LIB) $(DESTDIR)$(PREFIX)/lib/
	ln -sf libsaksi.so.0 $(DESTDIR)$(PREFIX)/lib/libsaksi.so
	install -m 644 $B/saksi.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/
endif
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/lib/sysusers.d
	for f in conf/systemd/*; do \
		sed 's|/usr/local/bin/|$(PREFIX)/bin/|' $$f \
			>$(DESTDIR)$(PREFIX)/lib/systemd/system/$${f##*/}; done
	chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/saksi-*
	install -m 644 conf/sysusers.d/saksi.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/
clean:
	rm -rf build build-* bin
.PHONY: .FORCE all slow mutants tests fuzz check interop install clean
.SECONDARY:
-include $(shell find $B -name '*.d' 2>/dev/null)
