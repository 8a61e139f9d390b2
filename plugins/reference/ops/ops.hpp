#pragma once

#include <sirocco/sdk/kernel.hpp>

namespace sirocco::reference {

/// One kernel a file of this folder; plugin.cpp lists them.
sdk::Kernel add();
sdk::Kernel attention();
sdk::Kernel cast();
sdk::Kernel concat();
sdk::Kernel embedding();
sdk::Kernel gather_rows();
sdk::Kernel gelu();
sdk::Kernel layer_norm();
sdk::Kernel linear();
sdk::Kernel mean_pool();
sdk::Kernel moe_ffn();
sdk::Kernel moe_router();
sdk::Kernel mul();
sdk::Kernel reshape();
sdk::Kernel rms_norm();
sdk::Kernel rope();
sdk::Kernel sample();
sdk::Kernel silu();
sdk::Kernel slice();
sdk::Kernel softmax();
sdk::Kernel swiglu();
sdk::Kernel top_k();

}  // namespace sirocco::reference
