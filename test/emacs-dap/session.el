;;; A debugging session with dap-mode, without a screen: what happened goes to standard output as JSON, one line a step.
;;; -*- lexical-binding: t -*-
(require 'package)
(package-initialize)
(require 'json)

(setq lsp-session-file (expand-file-name "lsp-session" temporary-file-directory)
      dap-breakpoints-file (expand-file-name "breakpoints" temporary-file-directory)
      dap-auto-configure-features nil
      dap-auto-show-output nil
      inhibit-message t)

;; The configuration that the manual shows.
(load (getenv "NNASM_DAP_CONFIG") nil t t)
(require 'dap-mode)

(defvar session-events nil "What has happened since it was asked last, the newest first.")
(add-hook 'dap-stack-frame-changed-hook
          (lambda (session) (when (dap--debug-session-active-frame session) (push 'stopped session-events))))
(add-hook 'dap-terminated-hook (lambda (_) (push 'terminated session-events)))

(defun session-wait (event)
  "Wait until EVENT happens."
  (let ((deadline (+ (float-time) 45)))
    (while (not (memq event session-events))
      (when (> (float-time) deadline)
        (error "No %s in time; there was %S" event session-events))
      (accept-process-output nil 0.02)))
  (setq session-events nil))

(defun session-tell (what fields)
  "Write WHAT and FIELDS, an alist."
  (princ (concat (json-encode (cons (cons 'what what) fields)) "\n")))

(defun session-request (method &rest arguments)
  "The body of the answer to METHOD with ARGUMENTS."
  (apply #'dap-request (dap--cur-session) method arguments))

(defun session-variables (frame scope)
  "Values by name in the SCOPE of a FRAME."
  (let* ((scopes (gethash "scopes" (session-request "scopes" :frameId (gethash "id" frame))))
         (found (seq-find (lambda (one) (equal (gethash "name" one) scope)) scopes))
         (reference (gethash "variablesReference" found)))
    (mapcar (lambda (one) (cons (gethash "name" one) (gethash "value" one)))
            (gethash "variables" (session-request "variables" :variablesReference reference)))))

(defun session-stop ()
  "Wait for a stop, and tell where the editor stands and what it knows."
  (session-wait 'stopped)
  (let* ((session (dap--cur-session))
         (frame (dap--debug-session-active-frame session))
         (frames (gethash (dap--debug-session-thread-id session) (dap--debug-session-thread-stack-frames session)))
         (registers (session-variables frame "Registers")))
    (session-tell "stop"
                  (list (cons 'file (file-name-nondirectory (or buffer-file-name "")))
                        (cons 'point (line-number-at-pos))
                        (cons 'line (gethash "line" frame))
                        (cons 'frames (mapcar (lambda (one) (gethash "name" one)) frames))
                        (cons 'a0 (cdr (assoc "a0 (x10)" registers)))
                        (cons 'state (gethash (dap--debug-session-thread-id session)
                                              (dap--debug-session-thread-states session)))))))

(find-file (getenv "NNASM_PROGRAM"))
(goto-char (point-min))
(forward-line (1- (string-to-number (getenv "NNASM_LINE"))))
(dap-breakpoint-toggle)

(dap-debug (list :type "nnasm" :request "launch" :name "session"))
(session-stop)
(let ((body (session-request "evaluate" :expression "a0 + 1" :context "watch")))
  (session-tell "evaluate" (list (cons 'result (gethash "result" body)))))
(dap-next (dap--cur-session))
(session-stop)
(dap-step-in (dap--cur-session))
(session-stop)
(dap-step-out (dap--cur-session))
(session-stop)
;; As dap-mode's own steps are sent: an answer waited for could bring the stop before the editor expects one.
(let ((session (dap--cur-session)))
  (dap--send-message (dap--make-request "stepBack" (list :threadId (dap--debug-session-thread-id session)))
                     (dap--resp-handler)
                     session)
  (dap--resume-application session))
(session-stop)
(let ((session (dap--cur-session)))
  (dap-breakpoint-delete-all)
  (dap-continue session (dap--debug-session-thread-id session))
  (session-wait 'terminated)
  (session-tell "end"
                (list (cons 'state (dap--debug-session-state session))
                      (cons 'output (with-current-buffer (dap--debug-session-output-buffer session)
                                      (buffer-substring-no-properties (point-min) (point-max)))))))
