const hues = [12, 200, 285] as const;

/** Draws three sample pictures, which are different at each call. */
export function drawSamples(): Promise<readonly File[]> {
  const turn = Math.random() * 60;
  return Promise.all(hues.map((hue, index) => drawSample(hue + turn, `sample-${index + 1}.png`)));
}

async function drawSample(hue: number, name: string): Promise<File> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 800 });
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser has no canvas to draw samples on.');
  const sky = context.createLinearGradient(0, 0, 0, 800);
  sky.addColorStop(0, `hsl(${hue} 55% 22%)`);
  sky.addColorStop(0.6, `hsl(${hue + 40} 75% 62%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, 1200, 800);
  context.fillStyle = `hsl(${hue + 55} 95% 84%)`;
  context.beginPath();
  context.arc(380 + Math.random() * 440, 360, 90, 0, 2 * Math.PI);
  context.fill();
  for (let ridge = 0; ridge < 4; ridge++)
    drawRidge(context, 440 + ridge * 90, `hsl(${hue + 20} 45% ${34 - ridge * 8}%)`);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob === null) throw new Error('This browser could not make a picture of the canvas.');
  return new File([blob], name, { type: 'image/png' });
}

function drawRidge(context: CanvasRenderingContext2D, base: number, colour: string): void {
  const [phase, height] = [Math.random() * 6, 40 + Math.random() * 50];
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(0, 800);
  for (let x = 0; x <= 1200; x += 20) {
    context.lineTo(x, base - height * (Math.sin(x / 170 + phase) + Math.sin(x / 67 + phase * 2) / 3));
  }
  context.lineTo(1200, 800);
  context.fill();
}
