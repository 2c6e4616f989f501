// The interrupt controller of macOS 15. The core routes no interrupts to partitions, so the platform never makes one; the calls check their
// arguments and the order in which the framework wants them, and refuse what would need interrupts to arrive.
#include "standin.h"
#include <stdlib.h>

#if MACOS >= 15
typedef struct hv_gic_config_s { hv_ipa_t distributor, redistributor; } *hv_gic_config_t;

API hv_gic_config_t hv_gic_config_create(void) { return calloc(1, sizeof(struct hv_gic_config_s)); }
API hv_return_t hv_gic_get_distributor_size(size_t *bytes) { *bytes = 0x10000; return HV_SUCCESS; }
API hv_return_t hv_gic_get_redistributor_size(size_t *bytes) { *bytes = 0x20000; return HV_SUCCESS; }
API hv_return_t hv_gic_config_set_distributor_base(hv_gic_config_t c, hv_ipa_t base)
{
    if (!c || base % 0x10000) return HV_BAD_ARGUMENT;
    c->distributor = base;
    return HV_SUCCESS;
}
API hv_return_t hv_gic_config_set_redistributor_base(hv_gic_config_t c, hv_ipa_t base)
{
    if (!c || base % 0x10000) return HV_BAD_ARGUMENT;
    c->redistributor = base;
    return HV_SUCCESS;
}
API hv_return_t hv_gic_create(hv_gic_config_t c)
{
    if (!vm_exists()) return HV_NO_DEVICE;
    if (!c || !c->distributor || !c->redistributor) return HV_BAD_ARGUMENT;
    for (int i = 0; i < MAX_VCPUS; i++) if (standin_vcpus[i]) return HV_BUSY;       // before the first vCPU, says the documentation
    return HV_UNSUPPORTED;
}
API hv_return_t hv_gic_set_spi(uint32_t intid, bool level) { (void)intid, (void)level; return HV_UNSUPPORTED; }
#endif
