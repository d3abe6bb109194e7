/** The microphone: asked for, measured, and what to say when there is none. */

/** denied: the person or the browser said no; missing: there is none; busy: another program has it; insecure: the page
 *  came over plain HTTP, where browsers give no microphone. */
export type MicrophoneFault = "denied" | "missing" | "busy" | "insecure";

export class MicrophoneError extends Error {
  constructor(readonly fault: MicrophoneFault) {
    super(fault);
  }
}

const CHOSEN = "perezvon-microphone";

/** Sound of the chosen microphone, cleaned of echo and noise. Raises MicrophoneError. */
export async function openMicrophone(): Promise<MediaStream> {
  if (!("mediaDevices" in navigator)) throw new MicrophoneError("insecure");
  const wanted = localStorage.getItem(CHOSEN);
  const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  if (wanted) audio.deviceId = { ideal: wanted };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw new MicrophoneError(faultOf(error));
  }
}

/** Whether it may be opened at any time without the browser asking. Not every browser tells: then it is a no. */
export async function isAllowedForGood(): Promise<boolean> {
  const permission = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
  return permission?.state === "granted";
}

export function chooseMicrophone(deviceId: string): void {
  localStorage.setItem(CHOSEN, deviceId);
}

function faultOf(error: unknown): MicrophoneFault {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}

const BUSY_AGAIN_AFTER = 5_000;

/** Settles when trying again may help: permission given, a device plugged in, some time for the other program. */
export async function microphoneMayWork(fault: MicrophoneFault, over: AbortSignal): Promise<void> {
  const permission = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
  const done = new AbortController();
  const signal = AbortSignal.any([over, done.signal]);
  await new Promise<void>((resolve) => {
    const again = (): void => resolve();
    permission?.addEventListener("change", again, { signal });
    navigator.mediaDevices?.addEventListener("devicechange", again, { signal });
    signal.addEventListener("abort", again, { once: true });
    if (fault === "busy") window.setTimeout(again, BUSY_AGAIN_AFTER);
  });
  done.abort();
}

/** Lets the microphone go: the browser's sign of recording goes out. */
export function stopAll(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Shows how loud a stream is on every `<meter data-mic-level>`, ten times a second. Returns the way to stop. */
export function measure(stream: MediaStream, context: AudioContext): () => void {
  const source = context.createMediaStreamSource(stream);
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = window.setInterval(() => {
    const meters = document.querySelectorAll<HTMLMeterElement>("meter[data-mic-level]");
    if (meters.length) analyser.getFloatTimeDomainData(samples);
    for (const meter of meters) meter.value = loudness(samples);
  }, 100);
  return () => {
    window.clearInterval(timer);
    source.disconnect();
  };
}

/** -60 dB is silence, 0 dB is full. */
function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, 1 + decibels / 60));
}
