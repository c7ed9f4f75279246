#pragma once

#include <array>
#include <string_view>

/// The polynomials of the transaction circuits at hash_to_scalar("circuit-check"), in the order of
/// `plonk::VerifierData::Polynomial`; [k - 1] belongs to k inputs (docs/reference/phoenix-and-plonk.md 9.3).
namespace rues::phoenix {

inline constexpr std::array<std::array<std::string_view, 15>, 4> kPolynomialValues{{
    {{
        "b2acd27fe1078de6bb3fdea85eaca544394096ae07b5ba3b1654f0aae1e96d3b",  // q_m
        "3c183d92b509fa6819d40160d09d0b63552c4c0cdd43d92c788b03345b2a012c",  // q_l
        "266cc8d47f2e19b71c593870693b24927c91dd93f72e94738ed2b650771bcc3f",  // q_r
        "d1b8c196c7df511c9b27383fd861c5e5abea4f6a562dbbf37b86613cd5f02a06",  // q_o
        "b4ea248add05072b7dd925e30a3ddf7b2db42c763890b1198ba1d75c3d4ca042",  // q_f
        "0cbd9b424a8ab622d193ef73c5f7264a1f7d9b528cc7c91d0148a3d74028c115",  // q_c
        "20b62d95869e7904587ecd6f192e72642a8c198ba63b6f45faaa404d413d5556",  // q_arith
        "62b4aaa7b0cbd4e9057fa17b9f85b5013dd7fdd21809887d5c60a7340c68a905",  // q_logic
        "019627d4754ddd3b2905abc9864910163e2fe14675c9a42d3bbcf6fd29c58f32",  // q_range
        "d7cd04a1a52726d2c65b9d0948805c23f94974b97f975f25b335892060316d11",  // q_fixed
        "ffcf6d39c163ce9a46abaa49e4f8e9b27b9b5bf334b2569a0b04c628d4755340",  // q_var
        "471a02c4d213c3b7f4b281dc7e92c46330db5445a35853347853d44f3c23b438",  // sigma_1
        "fa8bc51208ed0b7fc5ebfd6858f799024cdb0c2abdd6aa3c1200740f89d80f3d",  // sigma_2
        "c810b3da19ed1058e3da7cabdca9c0a2880ed249943ab68833002deab041f618",  // sigma_3
        "0345af6e669ee4a1ade5ddf4677742e4386e17e4b6e1bc1e8bddbb3462b63c67",  // sigma_4
    }},
    {{
        "56ffeb25381509aa00ee7a29d7fa88b045651593c974ef2e668f00a804339408",  // q_m
        "e6712e62b6ae2950abddc9614cb372108d2da7eb24cfafaa17d2eaf0d982a018",  // q_l
        "3190e9648bd59452f6f891c6ba49ae00d3f90c19fe71f3a425d397389ddfb555",  // q_r
        "9c852d2461442e079768c74561b9e03029c34579b2c0f452c44a99a57549a350",  // q_o
        "60208e70ef6d4e353b0cde22a63bc9cefe5024bd22815009c05e3e184f387041",  // q_f
        "701b532183179a527fefe3b0170fee4128ed0a9fea758c46d021076469afde3e",  // q_c
        "61dff90f318832478ddb7a1f93e695d8b9a290c12776a09f7b8c1131a39ed00f",  // q_arith
        "c0d73a9fff783990faafe070fe695a4af9151cc6330c23ab2a0ca52aa017ec6f",  // q_logic
        "45e834860781e2f5cbc43f9f28b8eae3784379185513d11577b1f76293ffbc14",  // q_range
        "b5b1a65833c898f4c4020a2d236545c712a6ee75e7a8c050357af9bd53e2be4b",  // q_fixed
        "85cd7010d0a94667db0327a396becd21f55ded11aeb38c70719faabf3eea5722",  // q_var
        "c3de48223c09754e55ab472dff64b2e1cd81e8a7bd0f9e8072f02d983aafe910",  // sigma_1
        "2d0a8c57ca8cb01f52bd0cc5ce74c9778b35df10707ed69d2ea5b9bce82ff02d",  // sigma_2
        "02d941d86a9187edcade8fcfbc06c87ae105b5a15335b50bb4504df8a8e72127",  // sigma_3
        "e43921ace5b484b3dd41b2dd823005aa620f1ebf8318c9872d8ed5981759f449",  // sigma_4
    }},
    {{
        "944c4cf90d6b99f6abe742a513f6e4f4274127281ef6a3b5f909e94cdbf76a72",  // q_m
        "905dd8674689fed8caf4a9d60deaca525c237375c92345d32dccd819e9653c29",  // q_l
        "4c85a851dd439fadf73f47ac24ac76ab265c6efc5fdd8c121172dd4acd6f1230",  // q_r
        "19f75728141b59754f1ab5c6e8fc53322cf1b13941e172b9a26b299496d71e5c",  // q_o
        "cf000610e295cd0bcb659c244e96bf7761c24bfca1ca5d6db71f3e94d4a11c39",  // q_f
        "5a7661a7010568c520d251da415f6379bacd83d32a7eb779823b7efbf1ff8f14",  // q_c
        "ca7aed6c331b1574ffccc99b32acf540c0fd6fa473cf5634f9e5c0e4a3ee2d1f",  // q_arith
        "30298ad0423cf9a26fe4dccd79dcc84941912a2b72631acecd33328039c8d959",  // q_logic
        "9bd0fbf0e9f1018f727fab902a917af8e983f2e24a94666154ba3c98504db603",  // q_range
        "b1b31462b94fcc60131238c304732e129a056dbce8d76db18e33d479895e7947",  // q_fixed
        "cb4c86d0eed5fd8e8fa80f3c17f5581b3cc9566d78f5bc0bd0235b0895746e20",  // q_var
        "00c5651791e137554f1af7a364f28af4b1bbb092c71cceaeed2a1fb9c0be1b30",  // sigma_1
        "d0be3f69247236210de6b60ea1e2004ac169217d7a676a081d4f43a48e75fa1a",  // sigma_2
        "38e42648742279f2d113eaef8dd033e95819b16fe85a6197afea8633d3e7e06f",  // sigma_3
        "5d7f8e452b8187e4d535c9d5f5a69f02f22017dde1b26c8cc445ddc212303114",  // sigma_4
    }},
    {{
        "009a857a7ab1f09e7697f313ee878e36c0b07c45914e93d5a9cd37a1d3e6cc18",  // q_m
        "28c1838c22168ec86c434461639a17cf37b75bd2aa878c9a366328841db4f964",  // q_l
        "ee4052c77b3df442cdc5339b230001c5ec226272e9a28ee252ab555a9bfae21e",  // q_r
        "3bce88b16f573bf6f6e16791b6e6b86f464aa702f811139c4d14e0a64cb68172",  // q_o
        "3333b0ee5710b5a7bc707a9ac55160d432246f64e29b0380e4286c37547b6a49",  // q_f
        "ed5a86e7f43ee84db1f9beb666ce3c9bc00930a520fbf682a9e88fbb93bf1f51",  // q_c
        "896448936baeafb0f0f27ff8e88ec80fac60ca54d31300c0092615f8e54d075a",  // q_arith
        "dceffe7150cf5623f9de2419f9dcd7f3f0ab419050733fc84c7b3ff0641f5f4d",  // q_logic
        "2ed769c103d0df03c790b9abec62f52e854392dee868b5dab0b0c6a548f7ed2d",  // q_range
        "6e6b2758b6e158e5474d17be43a7c55cf1e7ff8cb9049d342c7b27ef160c7a5c",  // q_fixed
        "b8ee7a8b59675bd292b5ca0221a3a32b205788fc6e791946b7def87fe0bc972c",  // q_var
        "a00f2940c2ba071a704477f87160e9e935ed9e8360ff095f53089a16657ca613",  // sigma_1
        "17dd212648c653d848857ad8bf3113089c1fa8fe9c36831d6b2354d008de4c3b",  // sigma_2
        "b59076bdd15d2010996e2335e6bb781ab2f6262e3a186d0b966e60212a128048",  // sigma_3
        "d1dc5b388a0fcf489115d76ff3b1b15c2d95ddde90a8c56cb6dc487f8987dd0a",  // sigma_4
    }},
}};

}  // namespace rues::phoenix
