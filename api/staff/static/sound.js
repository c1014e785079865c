// A short sound for who waits. Whether it is wanted is kept in this browser, for every page of the staff.

const MUTED = "guichet.muted";

/** @type {AudioContext | undefined} */
let audio;

/** @returns {boolean} */
export function isMuted() {
  return localStorage.getItem(MUTED) === "yes";
}

/** @param {boolean} muted */
export function setMuted(muted) {
  localStorage.setItem(MUTED, muted ? "yes" : "no");
}

/**
 * Short notes, one after the other. A browser that has not let this page sound yet stays silent: the title and the line remain.
 *
 * @param {number[]} pitches In hertz.
 */
export function chime(pitches) {
  if (isMuted()) return;
  const context = audio ??= new AudioContext();
  void context.resume().catch(() => undefined);
  pitches.forEach((pitch, order) => {
    const note = context.createOscillator();
    const volume = context.createGain();
    const start = context.currentTime + order * 0.18;
    note.frequency.value = pitch;
    volume.gain.setValueAtTime(0.15, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.3);
    note.connect(volume).connect(context.destination);
    note.start(start);
    note.stop(start + 0.3);
  });
  document.documentElement.dataset.sounded = String(Number(document.documentElement.dataset.sounded ?? 0) + 1);
}
