/**
 * Sound made in the browser. It stays silent until the person has touched the page once: browsers ask for that.
 * Whether it can be heard stands on <html>: `data-sound="blocked"` or `"ready"`.
 */

let context: AudioContext | undefined;

/** The page's one audio context, made at the first need. */
export function audio(): AudioContext {
  if (!context) {
    context = new AudioContext();
    context.addEventListener("statechange", showState);
    showState();
  }
  return context;
}

export function canBeHeard(): boolean {
  return audio().state === "running";
}

/** Wakes the sound at a touch, on pages that may ring. */
export function unlockByTouch(): void {
  const wake = (): void => {
    const rings = document.querySelector("cc-desk-phone, [data-ringing], [data-start-shift]") !== null;
    if (rings && !canBeHeard()) void audio().resume();
  };
  for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, wake, { capture: true });
}

function showState(): void {
  document.documentElement.dataset["sound"] = context?.state === "running" ? "ready" : "blocked";
}

/** Two soft bells and a pause, three seconds, to be repeated: e5 and b5 with their overtones dying away. */
export function ringTone(target: BaseAudioContext): AudioBuffer {
  const rate = target.sampleRate;
  const buffer = target.createBuffer(1, rate * 3, rate);
  const samples = buffer.getChannelData(0);
  strike(samples, rate, 0, 659.26);
  strike(samples, rate, 0.18, 987.77);
  strike(samples, rate, 0.9, 659.26);
  strike(samples, rate, 1.08, 987.77);
  return buffer;
}

const PARTIALS = [
  { times: 1, share: 0.6, fade: 3.5 },
  { times: 2, share: 0.25, fade: 5 },
  { times: 3.01, share: 0.15, fade: 8 },
];

function strike(samples: Float32Array, rate: number, at: number, frequency: number): void {
  const first = Math.round(at * rate);
  for (let index = first; index < samples.length; index += 1) {
    const t = (index - first) / rate;
    const attack = Math.min(1, t / 0.005);
    let value = 0;
    for (const { times, share, fade } of PARTIALS) {
      value += share * Math.exp(-fade * t) * Math.sin(2 * Math.PI * frequency * times * t);
    }
    samples[index] = (samples[index] ?? 0) + 0.35 * attack * value;
  }
}
