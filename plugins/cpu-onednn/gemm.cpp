#include "gemm.hpp"

#include <omp.h>
#include <dnnl.hpp>

#include <list>
#include <string>
#include <string_view>

#include <sirocco/sdk/plugin.hpp>

namespace sirocco::cpu {
namespace {

using dnnl::memory;

/// Products of so many sizes are kept ready; the one not used for longest makes room.
constexpr size_t kMostKept = 64;

memory::data_type type_of(Dtype dtype) {
  return dtype == Dtype::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

struct Product {
  Dtype dtype;
  int64_t m, n, k, out_stride;
  dnnl::matmul primitive;
  memory a, b, out;

  bool fits(const GemmArgs& args) const {
    return dtype == args.dtype && m == args.m && n == args.n && k == args.k &&
           out_stride == args.out_stride;
  }
};

Product make_product(const dnnl::engine& engine, const GemmArgs& args) {
  // Nothing is packed: the library reads the weight by its strides, which costs it little at the
  // sizes that come here and keeps one copy of every weight.
  const memory::desc a({args.m, args.k}, type_of(args.dtype), memory::dims{args.k, 1});
  const memory::desc b({args.k, args.n}, type_of(args.dtype), memory::dims{1, args.k});
  const memory::desc out({args.m, args.n}, memory::data_type::f32,
                         memory::dims{args.out_stride, 1});
  const dnnl::matmul::primitive_desc chosen(engine, a, b, out);
  const std::string name = chosen.impl_info_str();
  if (std::string_view(name).starts_with("ref"))
    throw sdk::StatusError(SIROCCO_UNSUPPORTED,
                           "oneDNN has only its reference implementation for this product");
  return {args.dtype,
          args.m,
          args.n,
          args.k,
          args.out_stride,
          dnnl::matmul(chosen),
          memory(a, engine, nullptr),
          memory(b, engine, nullptr),
          memory(out, engine, nullptr)};
}

}  // namespace

struct Gemm::Impl {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  std::list<Product> products;  ///< the last used first

  Product& find(const GemmArgs& args) {
    for (auto it = products.begin(); it != products.end(); ++it) {
      if (!it->fits(args)) continue;
      products.splice(products.begin(), products, it);
      return products.front();
    }
    products.push_front(make_product(engine, args));
    if (products.size() > kMostKept) products.pop_back();
    return products.front();
  }
};

Gemm::Gemm() = default;
Gemm::Gemm(Gemm&&) noexcept = default;
Gemm& Gemm::operator=(Gemm&&) noexcept = default;
Gemm::~Gemm() = default;

void Gemm::run(const GemmArgs& args) {
  try {
    if (!impl_) {
      // This thread is one of the host's team: the library must not start threads of its own.
      omp_set_num_threads(1);
      impl_ = std::make_unique<Impl>();
    }
    Product& product = impl_->find(args);
    product.a.set_data_handle(const_cast<void*>(args.a));
    product.b.set_data_handle(const_cast<void*>(args.b));
    product.out.set_data_handle(args.out);
    product.primitive.execute(
        impl_->stream,
        {{DNNL_ARG_SRC, product.a}, {DNNL_ARG_WEIGHTS, product.b}, {DNNL_ARG_DST, product.out}});
    impl_->stream.wait();
  } catch (const dnnl::error& e) {
    throw sdk::StatusError(e.status == dnnl_out_of_memory ? SIROCCO_OUT_OF_MEMORY : SIROCCO_FAILED,
                           "oneDNN: a product of [" + std::to_string(args.m) + ", " +
                               std::to_string(args.k) + "] and [" + std::to_string(args.n) + ", " +
                               std::to_string(args.k) + "]: " + e.what());
  }
}

void Gemm::limit_instructions(Limit limit) {
  // Refused once the library has made its first primitive: then an earlier instance of this plugin
  // has set the same limit, for it comes from the environment.
  switch (limit) {
    case Limit::none:
      return;
    case Limit::sse41:
      dnnl::set_max_cpu_isa(dnnl::cpu_isa::sse41);
      return;
    case Limit::avx2:
      dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
      return;
    case Limit::avx512:
      dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core);
      return;
    case Limit::avx512_bf16:
      dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core_bf16);
      return;
  }
}

}  // namespace sirocco::cpu
