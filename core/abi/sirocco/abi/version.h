/// The number of the plugin ABI. It is separate from the product's version.
///
/// 0.x rules hold until 1.0 is frozen: any change of a layout, a constant or a meaning raises
/// SIROCCO_ABI_VERSION, and core/abi/digest.txt is made again with it. Structs only grow at the
/// end; a host that meets a shorter struct treats the absent tail as zero.
#pragma once

#define SIROCCO_ABI_VERSION 4
/// The oldest ABI that this tree's host still speaks.
#define SIROCCO_ABI_VERSION_MIN 1
