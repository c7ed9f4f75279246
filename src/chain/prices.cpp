#include "chain/prices.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>

namespace rues::chain {

std::vector<Prices::Piece>::iterator Prices::piece_for(std::uint64_t price) {
    return std::ranges::partition_point(pieces_, [&](const Piece& piece) { return piece.prices.back() > price; });
}

void Prices::insert(std::uint64_t price) {
    ++size_;
    if (pieces_.empty()) {
        pieces_.push_back({{price}, price});
        return;
    }
    auto piece = piece_for(price);
    if (piece == pieces_.end()) --piece;
    auto& prices = piece->prices;
    prices.insert(std::ranges::lower_bound(prices, price, std::greater<>()), price);
    piece->sum += price;
    if (prices.size() <= kPiece) return;
    Piece lower;
    lower.prices.assign(prices.begin() + kPiece / 2, prices.end());
    lower.sum = std::accumulate(lower.prices.begin(), lower.prices.end(), Sum(0));
    prices.resize(kPiece / 2);
    piece->sum -= lower.sum;
    pieces_.insert(std::next(piece), std::move(lower));
}

void Prices::erase(std::uint64_t price) {
    const auto piece = piece_for(price);
    auto& prices = piece->prices;
    prices.erase(std::ranges::lower_bound(prices, price, std::greater<>()));
    piece->sum -= price;
    --size_;
    if (prices.empty()) pieces_.erase(piece);
}

std::uint64_t Prices::nth(std::size_t index) const {
    auto piece = pieces_.begin();
    for (; index >= piece->prices.size(); ++piece) index -= piece->prices.size();
    return piece->prices[index];
}

Prices::Sum Prices::sum_of_first(std::size_t count) const {
    Sum out = 0;
    auto piece = pieces_.begin();
    for (; piece != pieces_.end() && count >= piece->prices.size(); ++piece) {
        count -= piece->prices.size();
        out += piece->sum;
    }
    for (std::size_t i = 0; i < count; ++i) out += piece->prices[i];
    return out;
}

GasPrice Prices::best(std::size_t max) const {
    const std::size_t n = std::min(max, size_);
    if (n == 0) return {};
    const auto average = static_cast<std::uint64_t>((sum_of_first(n) + n - 1) / n);
    const std::uint64_t low = nth(n / 2);
    const std::uint64_t median = low + (nth((n - 1) / 2) - low) / 2;
    return {average, nth(0), median, nth(n - 1)};
}

}  // namespace rues::chain
