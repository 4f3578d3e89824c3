// The portal's own: the device's sharing where there is one (else the link opens a mail), and printing.
(() => {
  document.addEventListener("click", (event) => {
    const share = event.target.closest("[data-share]");
    if (share && navigator.share) {
      event.preventDefault();
      // Whoever closes the sheet without choosing has done nothing wrong.
      navigator.share({ title: share.dataset.shareTitle, url: share.dataset.share }).catch(() => {});
    }
    if (event.target.closest("[data-print]")) window.print();
  });

  for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
})();
