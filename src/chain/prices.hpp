#pragma once

#include <vector>

#include "chain/gas_price.hpp"

namespace rues::chain {

/// The gas prices of the mempool in order. A question for the best-paying ones does not walk over all of them, whatever
/// number it asks for: any client can ask after every change of the pool, and the pool is locked meanwhile.
///
/// The prices are in pieces of at most `kPiece`, each with its sum. A change moves the prices of one piece; a question
/// walks over the pieces. Rejected: a list that the first question after a change makes anew, which took a walk over
/// up to a million transactions. Not synchronised.
class Prices {
public:
    static constexpr std::size_t kPiece = 1'024;

    void insert(std::uint64_t price);
    /// REQUIRES: `price` was inserted and is not erased yet.
    void erase(std::uint64_t price);
    std::size_t size() const noexcept { return size_; }
    /// Over the `max` highest prices.
    GasPrice best(std::size_t max) const;

private:
    __extension__ using Sum = unsigned __int128;  // of prices; the sum may need more than 64 bits
    struct Piece {
        std::vector<std::uint64_t> prices;  ///< highest first; never empty
        Sum sum = 0;
    };
    /// The first piece that has a price of at most `price`; the end when there is none.
    std::vector<Piece>::iterator piece_for(std::uint64_t price);
    std::uint64_t nth(std::size_t index) const;
    Sum sum_of_first(std::size_t count) const;

    std::vector<Piece> pieces_;  ///< highest first
    std::size_t size_ = 0;
};

}  // namespace rues::chain
