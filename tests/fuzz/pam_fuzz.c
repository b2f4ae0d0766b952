/* rooms: collect
 *
 * PAM stacks with what they include. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/etc/pam.d/common-auth",
    "/etc/pam.d/login",
    "/etc/pam.d/other",
    "/etc/security/pwquality.conf",
    "/etc/security/pwquality.conf.d/a.conf",
    "/etc/security/faillock.conf",
    NULL,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, saksi_read_pam);
}
