// The framework's calls about vCPUs. A vCPU belongs to the thread that made it; only hv_vcpus_exit may come from elsewhere.
#include "standin.h"
#include <stdlib.h>
#include <string.h>

typedef void *hv_vcpu_config_t;

static vcpu *of(hv_vcpu_t id)
{
    vcpu *v = id < MAX_VCPUS ? standin_vcpus[id] : NULL;
    return v && pthread_equal(v->owner, pthread_self()) ? v : NULL;
}

API hv_vcpu_config_t hv_vcpu_config_create(void) { return calloc(1, 8); }

API hv_return_t hv_vcpu_create(hv_vcpu_t *id, hv_vcpu_exit_t **exit, hv_vcpu_config_t config)
{
    (void)config;
    if (!id || !exit) return HV_BAD_ARGUMENT;
    pthread_mutex_lock(&standin_lock);
    hv_return_t r = vm_exists() ? HV_NO_RESOURCES : HV_NO_DEVICE;
    int free_slot = -1;
    for (int i = MAX_VCPUS - 1; i >= 0; i--) {
        if (!standin_vcpus[i]) free_slot = i;
        else if (pthread_equal(standin_vcpus[i]->owner, pthread_self())) { r = HV_BUSY; break; }      // one vCPU a thread
    }
    vcpu *v = r == HV_NO_RESOURCES && free_slot >= 0 ? calloc(1, sizeof *v) : NULL;
    if (v) {
        v->id = (hv_vcpu_t)free_slot;
        v->owner = pthread_self();
        v->cpsr = 0x3c5;
        r = machine_open(v);
        if (r == HV_SUCCESS) { standin_vcpus[free_slot] = v; *id = v->id; *exit = &v->exit; } else free(v);
    }
    pthread_mutex_unlock(&standin_lock);
    return r;
}
API hv_return_t hv_vcpu_destroy(hv_vcpu_t id)
{
    vcpu *v = of(id);
    if (!v) return HV_BAD_ARGUMENT;
    pthread_mutex_lock(&standin_lock);
    standin_vcpus[id] = NULL;
    machine_close(v);
    free(v);
    pthread_mutex_unlock(&standin_lock);
    return HV_SUCCESS;
}
API hv_return_t hv_vcpu_run(hv_vcpu_t id)
{
    vcpu *v = of(id);
    if (!v) return HV_BAD_ARGUMENT;
    machine_run(v);
    v->pending[0] = v->pending[1] = false;
    return v->exit.reason == HV_EXIT_REASON_UNKNOWN ? HV_ERROR : HV_SUCCESS;
}
// A vCPU that does not run leaves at once the next time.
API hv_return_t hv_vcpus_exit(hv_vcpu_t *ids, uint32_t count)
{
    if (!ids) return HV_BAD_ARGUMENT;
    hv_return_t r = HV_SUCCESS;
    pthread_mutex_lock(&standin_lock);
    for (uint32_t i = 0; i < count; i++) {
        vcpu *v = ids[i] < MAX_VCPUS ? standin_vcpus[ids[i]] : NULL;
        if (v) { v->cancel = true; v->kick = true; } else r = HV_BAD_ARGUMENT;
    }
    pthread_mutex_unlock(&standin_lock);
    return r;
}

API hv_return_t hv_vcpu_get_reg(hv_vcpu_t id, hv_reg_t reg, uint64_t *value)
{
    vcpu *v = of(id);
    if (!v || !value || reg > HV_REG_CPSR) return HV_BAD_ARGUMENT;
    *value = 0;
    if (reg == HV_REG_PC) *value = v->pc;
    else if (reg == HV_REG_CPSR) *value = v->cpsr;
    else uc_reg_read(v->uc, reg == HV_REG_FPCR ? UC_ARM64_REG_FPCR : reg == HV_REG_FPSR ? UC_ARM64_REG_FPSR : reg < 29 ? (int)(UC_ARM64_REG_X0 + reg) : (int)(UC_ARM64_REG_X29 + reg - 29), value);
    return HV_SUCCESS;
}
API hv_return_t hv_vcpu_set_reg(hv_vcpu_t id, hv_reg_t reg, uint64_t value)
{
    vcpu *v = of(id);
    if (!v || reg > HV_REG_CPSR) return HV_BAD_ARGUMENT;
    if (reg == HV_REG_PC) v->pc = value;
    else if (reg == HV_REG_CPSR) v->cpsr = value;
    else uc_reg_write(v->uc, reg == HV_REG_FPCR ? UC_ARM64_REG_FPCR : reg == HV_REG_FPSR ? UC_ARM64_REG_FPSR : reg < 29 ? (int)(UC_ARM64_REG_X0 + reg) : (int)(UC_ARM64_REG_X29 + reg - 29), &value);
    return HV_SUCCESS;
}
API hv_return_t hv_vcpu_get_simd_fp_reg(hv_vcpu_t id, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t *value)
{
    vcpu *v = of(id);
    if (!v || !value || reg > 31) return HV_BAD_ARGUMENT;
    uc_reg_read(v->uc, (int)(UC_ARM64_REG_Q0 + reg), value);
    return HV_SUCCESS;
}
API hv_return_t hv_vcpu_set_simd_fp_reg(hv_vcpu_t id, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t value)
{
    vcpu *v = of(id);
    if (!v || reg > 31) return HV_BAD_ARGUMENT;
    uc_reg_write(v->uc, (int)(UC_ARM64_REG_Q0 + reg), &value);
    return HV_SUCCESS;
}
API hv_return_t hv_vcpu_get_sys_reg(hv_vcpu_t id, hv_sys_reg_t reg, uint64_t *value)
{
    vcpu *v = of(id);
    return v && value ? machine_sys_reg(v, reg, value, false) : HV_BAD_ARGUMENT;
}
API hv_return_t hv_vcpu_set_sys_reg(hv_vcpu_t id, hv_sys_reg_t reg, uint64_t value)
{
    vcpu *v = of(id);
    return v ? machine_sys_reg(v, reg, &value, true) : HV_BAD_ARGUMENT;
}
API hv_return_t hv_vcpu_get_pending_interrupt(hv_vcpu_t id, hv_interrupt_type_t type, bool *pending)
{
    vcpu *v = of(id);
    if (!v || !pending || type > 1) return HV_BAD_ARGUMENT;
    *pending = v->pending[type];
    return HV_SUCCESS;
}
API hv_return_t hv_vcpu_set_pending_interrupt(hv_vcpu_t id, hv_interrupt_type_t type, bool pending)
{
    vcpu *v = of(id);
    if (!v || type > 1) return HV_BAD_ARGUMENT;
    v->pending[type] = pending;
    return HV_SUCCESS;
}
#define FLAG(name, field, after)                                                                                                       \
    API hv_return_t hv_vcpu_get_##name(hv_vcpu_t id, bool *value) { vcpu *v = of(id); if (!v || !value) return HV_BAD_ARGUMENT; *value = v->field; return HV_SUCCESS; } \
    API hv_return_t hv_vcpu_set_##name(hv_vcpu_t id, bool value) { vcpu *v = of(id); if (!v) return HV_BAD_ARGUMENT; v->field = value; after; return HV_SUCCESS; }
FLAG(trap_debug_exceptions, trap_debug, machine_debug(v))
FLAG(trap_debug_reg_accesses, trap_debug_registers, machine_debug(v))
FLAG(vtimer_mask, vtimer_mask, (void)0)

API hv_return_t hv_vcpu_get_vtimer_offset(hv_vcpu_t id, uint64_t *offset)
{
    vcpu *v = of(id);
    if (!v || !offset) return HV_BAD_ARGUMENT;
    *offset = v->offset;
    return HV_SUCCESS;
}
API hv_return_t hv_vcpu_set_vtimer_offset(hv_vcpu_t id, uint64_t offset)
{
    vcpu *v = of(id);
    if (!v) return HV_BAD_ARGUMENT;
    v->offset = offset;
    return HV_SUCCESS;
}
API hv_return_t hv_vcpu_get_exec_time(hv_vcpu_t id, uint64_t *nanoseconds)
{
    vcpu *v = of(id);
    if (!v || !nanoseconds) return HV_BAD_ARGUMENT;
    *nanoseconds = v->exec_ns;
    return HV_SUCCESS;
}
