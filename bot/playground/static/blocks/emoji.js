/** Emoji by Slack's names: those that people and apps use most. A name that is not here stays `:name:`. */

const TABLE = `
+1 👍 -1 👎 thumbsup 👍 thumbsdown 👎 ok_hand 👌 wave 👋 clap 👏 raised_hands 🙌 pray 🙏 muscle 💪
point_up ☝️ point_right 👉 point_left 👈 point_down 👇 crossed_fingers 🤞 v ✌️ eyes 👀 brain 🧠
smile 😄 smiley 😃 grinning 😀 grin 😁 joy 😂 rofl 🤣 laughing 😆 slightly_smiling_face 🙂 wink 😉
blush 😊 innocent 😇 heart_eyes 😍 thinking_face 🤔 neutral_face 😐 expressionless 😑 unamused 😒
sweat_smile 😅 sweat 😓 cry 😢 sob 😭 angry 😠 rage 😡 scream 😱 confused 😕 worried 😟 astonished 😲
sleeping 😴 sunglasses 😎 nerd_face 🤓 partying_face 🥳 face_with_monocle 🧐 exploding_head 🤯
facepalm 🤦 shrug 🤷 robot_face 🤖 ghost 👻 skull 💀 alien 👽 see_no_evil 🙈 monkey_face 🐵 dog 🐶
cat 🐱 turtle 🐢 snail 🐌 bug 🐛 bee 🐝 whale 🐳 penguin 🐧 unicorn_face 🦄 crab 🦀 seedling 🌱
evergreen_tree 🌲 four_leaf_clover 🍀 rose 🌹 sunny ☀️ cloud ☁️ zap ⚡ snowflake ❄️ fire 🔥 ocean 🌊
rainbow 🌈 star ⭐ star2 🌟 sparkles ✨ boom 💥 dizzy 💫 earth_africa 🌍 crescent_moon 🌙
coffee ☕ tea 🍵 beer 🍺 pizza 🍕 cake 🍰 birthday 🎂 apple 🍎 banana 🍌 popcorn 🍿 cookie 🍪
tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆 medal 🏅 dart 🎯 game_die 🎲 art 🎨 microphone 🎤
rocket 🚀 airplane ✈️ car 🚗 bike 🚲 ship 🚢 construction 🚧 vertical_traffic_light 🚦 checkered_flag 🏁
hourglass ⌛ hourglass_flowing_sand ⏳ alarm_clock ⏰ stopwatch ⏱️ watch ⌚ calendar 📆 date 📅
computer 💻 desktop_computer 🖥️ keyboard ⌨️ floppy_disk 💾 cd 💿 phone ☎️ iphone 📱 battery 🔋 bulb 💡
mag 🔍 mag_right 🔎 lock 🔒 unlock 🔓 key 🔑 hammer 🔨 wrench 🔧 hammer_and_wrench 🛠️ gear ⚙️ link 🔗
paperclip 📎 pushpin 📌 round_pushpin 📍 scissors ✂️ pencil 📝 memo 📝 pencil2 ✏️ book 📖 books 📚
bookmark 🔖 label 🏷️ package 📦 inbox_tray 📥 outbox_tray 📤 email 📧 envelope ✉️ mailbox 📫
clipboard 📋 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 file_folder 📁
open_file_folder 📂 page_facing_up 📄 newspaper 📰 moneybag 💰 dollar 💵 credit_card 💳 gem 💎
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎
heavy_multiplication_x ✖️ heavy_plus_sign ➕ heavy_minus_sign ➖ question ❓ exclamation ❗ bangbang ‼️
warning ⚠️ no_entry ⛔ no_entry_sign 🚫 octagonal_sign 🛑 rotating_light 🚨 sos 🆘 information_source ℹ️
bell 🔔 no_bell 🔕 loudspeaker 📢 mega 📣 speech_balloon 💬 thought_balloon 💭 mute 🔇
red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵
large_purple_circle 🟣 black_circle ⚫ white_circle ⚪ large_red_square 🟥 large_green_square 🟩
large_yellow_square 🟨 large_blue_square 🟦 arrow_up ⬆️ arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️
arrows_counterclockwise 🔄 repeat 🔁 rewind ⏪ fast_forward ⏩ arrow_forward ▶️ double_vertical_bar ⏸️
black_square_for_stop ⏹️ new 🆕 free 🆓 up 🆙 ok 🆗 100 💯 one 1️⃣ two 2️⃣ three 3️⃣ zero 0️⃣
heart ❤️ broken_heart 💔 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 hugging_face 🤗
`;

const words = TABLE.trim().split(/\s+/);

/** Name without colons -> character. */
export const EMOJI = Object.freeze(
  Object.fromEntries(words.flatMap((word, index) => (index % 2 ? [] : [[word, words[index + 1]]]))),
);

const TONES = ["\u{1f3fb}", "\u{1f3fc}", "\u{1f3fd}", "\u{1f3fe}", "\u{1f3ff}"];

/** The character of `name` (`thumbsup`, `thumbsup::skin-tone-2`), or undefined. */
export function emojiFor(name) {
  const [base, tone] = String(name).split("::skin-tone-");
  if (!Object.hasOwn(EMOJI, base)) return undefined;
  return EMOJI[base] + (TONES[Number(tone) - 2] ?? "");
}

/** The character that Slack's `unicode` names: "1f44d", "1f44d-1f3fb". */
export function emojiFromCode(code) {
  const points = String(code).split("-").map((part) => Number.parseInt(part, 16));
  const fine = points.length > 0 && points.every((point) => point > 0 && point <= 0x10ffff);
  return fine ? String.fromCodePoint(...points) : undefined;
}
