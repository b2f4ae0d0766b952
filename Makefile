# make            build bin/saksi
# make check      what ./check runs: every test that needs no other program
# make WERROR=1   warnings are errors (./check does this)
CC      ?= cc
CFLAGS  ?= -O2 -g
B       ?= build
WARN    := -std=c17 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla \
           -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wwrite-strings \
           -Wswitch-enum -Wcast-qual -Wformat=2 $(if $(WERROR),-Werror)
HARD    := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIC -fno-common
ALL      = $(CFLAGS) $(WARN) $(HARD) -D_GNU_SOURCE -MMD -MP -Isrc -Iinclude $(EXTRA)
LIBS    := -lsqlite3 -lcurl -lmicrohttpd -ljansson -lsodium -lcrypto -lpthread

# A room is a folder of src/; src/ROOMS says which others it may use, and a
# test of a room links just those, so that the arrows hold at link time too.
ROOMS   := $(shell sed -n 's/^\([a-z]*\):.*/\1/p' src/ROOMS)
room_o   = $(patsubst %.c,$B/%.o,$(wildcard src/$1/*.c))
uses     = $(shell sed -n 's/^$1: *//p' src/ROOMS)
LIB_O   := $(foreach r,$(filter-out cmd,$(ROOMS)),$(call room_o,$r))
TESTS   := $(patsubst tests/unit/%.c,$B/unit/%,$(wildcard tests/unit/*/*_test.c))

all: bin/saksi
bin/saksi: $(call room_o,cmd) $(LIB_O)
	@mkdir -p $(@D)
	$(CC) $(ALL) -pie -Wl,-z,relro,-z,now -o $@ $^ $(LIBS)

$B/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL) -c -o $@ $<

define test_rule
$B/unit/$1/%_test: $B/tests/unit/$1/%_test.o $(call room_o,$1) \
                   $(foreach r,$(call uses,$1),$(call room_o,$r))
	@mkdir -p $$(@D)
	$$(CC) $$(ALL) -pie -o $$@ $$^ $$(WRAP_$1_$$*) -lcmocka $$(LIBS)
endef
$(foreach r,$(ROOMS),$(eval $(call test_rule,$r)))

tests: $(TESTS)
check: tests
	tools/rooms.sh
	tools/unit.sh $(TESTS)
clean:
	rm -rf build build-* bin
.PHONY: all tests check clean
.SECONDARY:
-include $(shell find $B -name '*.d' 2>/dev/null)
