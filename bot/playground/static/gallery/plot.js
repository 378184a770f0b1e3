/** A picture to show: a learning curve drawn on a canvas, as a data: address. */

const WIDTH = 640;
const HEIGHT = 360;

export function drawnPlot() {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.strokeStyle = "#ddd";
  for (let line = 1; line < 6; line += 1) stroke(pen, [[60, line * 55], [WIDTH - 20, line * 55]]);
  for (const [color, gain] of [["#9bb8e8", 0.72], ["#2f6fd0", 1]]) {
    pen.strokeStyle = color;
    pen.lineWidth = 3;
    const points = Array.from({ length: 80 }, (_, step) => {
      const grown = 1 - Math.exp(-step / 22);
      return [60 + step * 7, HEIGHT - 50 - gain * 260 * grown - 8 * Math.sin(step * 1.7)];
    });
    stroke(pen, points);
  }
  pen.fillStyle = "#333";
  pen.font = "16px sans-serif";
  pen.fillText("final reward", 60, 28);
  return canvas.toDataURL("image/png");
}

function stroke(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}
