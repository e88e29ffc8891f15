;;; session.el --- A person at Emacs -*- lexical-binding: t -*-
;; Opens a program, reads what is wrong, takes the fix, completes, looks, renames, lays out, by the commands that keys are
;; bound to. What the buffers then show is written as JSON to the file that $NNASM_RESULT names.

(require 'json)
(require 'flymake)

(defvar session-results nil)
(defconst session-patience 30)

(defun session-report (name value)
  (push (cons name value) session-results))

(defun session-wait (what condition)
  "Waits until CONDITION gives something, and gives that.
Emacs without a terminal has no command loop: what it does behind a command is done here."
  (let ((deadline (+ (float-time) session-patience)) found)
    (while (not (setq found (funcall condition)))
      (when (> (float-time) deadline)
        (error "Waited in vain for %s" what))
      (run-hooks 'post-command-hook)
      (accept-process-output nil 0.01))
    found))

(defun session-lines (&optional file)
  (with-current-buffer (if file (get-file-buffer file) (current-buffer))
    (vconcat (split-string (string-remove-suffix "\n" (buffer-substring-no-properties (point-min) (point-max))) "\n"))))

(defun session-line ()
  (buffer-substring-no-properties (line-beginning-position) (line-end-position)))

(defun session-onto (text)
  (goto-char (point-min))
  (search-forward text)
  (goto-char (match-beginning 0)))

(defun session-diagnostics ()
  (vconcat
   (mapcar
    (lambda (one)
      (save-excursion
        (goto-char (flymake-diagnostic-beg one))
        `((line . ,(1- (line-number-at-pos)))
          (from . ,(current-column))
          (to . ,(+ (current-column) (- (flymake-diagnostic-end one) (flymake-diagnostic-beg one))))
          (message . ,(flymake-diagnostic-text one)))))
    (flymake-diagnostics))))

(defun session-completions ()
  "The names that completion offers at point."
  (pcase-let ((`(,beg ,end ,table . ,_) (run-hook-with-args-until-success 'completion-at-point-functions)))
    (vconcat (mapcar #'substring-no-properties
                     (all-completions (buffer-substring-no-properties beg end) table)))))

(defun session-run ()
  (setq eglot-sync-connect t)
  (find-file "lib.nnasm")
  (find-file "main.nnasm")
  (session-report 'filetype (symbol-name major-mode))
  (session-wait "the server" #'eglot-managed-p)

  (session-wait "diagnostics" #'flymake-diagnostics)
  (session-report 'diagnostics (session-diagnostics))

  (session-onto "adi")
  (cl-letf (((symbol-function 'completing-read) (lambda (_ items &rest _) (caar items)))
            (last-nonmenu-event ?a))
    (call-interactively #'eglot-code-actions))
  (session-report 'fixed (session-line))
  ;; Edits are sent when Emacs is idle, which it never is without a terminal, or when the file is saved.
  (save-buffer)
  (session-wait "no diagnostics" (lambda () (null (flymake-diagnostics))))

  (goto-char (point-max))
  (insert "nu.con")
  (session-report 'completions (session-completions))
  (completion-at-point)
  (insert " td2, td0, td1")
  (session-report 'completed (session-line))

  (save-buffer)
  (session-onto "helper")
  (session-report 'hover
                  (let (shown)
                    (eglot-hover-eldoc-function (lambda (text &rest _) (setq shown (substring-no-properties text))))
                    (session-wait "hover" (lambda () shown))
                    (vconcat (split-string shown "\n"))))

  (eglot-rename "run")
  (session-report 'renamed `((main . ,(session-lines "main.nnasm")) (lib . ,(session-lines "lib.nnasm"))))

  (call-interactively #'eglot-format-buffer)
  (session-report 'formatted (session-lines))
  (call-interactively #'eglot-shutdown-all))

(condition-case failure
    (session-run)
  (error (session-report 'failure (error-message-string failure))))
(with-temp-file (getenv "NNASM_RESULT")
  (insert (json-encode session-results)))
(set-buffer-modified-p nil)
(kill-emacs (if (assq 'failure session-results) 1 0))
