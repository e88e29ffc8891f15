-- A person at Neovim: opens a program, reads what is wrong, takes the fix, completes, looks, renames, lays out; all by keys.
-- What the buffers and windows then show is written as JSON to the file that $NNASM_RESULT names.
local results = {}
local PATIENCE_MS = 30000

local function report(name, value)
  results[name] = value
end

local function finish(failure)
  results.failure = failure
  vim.fn.writefile({ vim.json.encode(results) }, os.getenv("NNASM_RESULT"))
  vim.cmd("qall!")
end

--- The rest of the session goes on when the editor has had its turn: keys are handled by its main loop alone.
local session
local function pause(milliseconds)
  vim.defer_fn(function()
    local ok, failure = coroutine.resume(session)
    if not ok then
      finish(debug.traceback(session, failure))
    end
  end, milliseconds)
  coroutine.yield()
end

local function wait(what, condition)
  local deadline = vim.loop.now() + PATIENCE_MS
  while true do
    local found = condition()
    if found then
      return found
    end
    if vim.loop.now() > deadline then
      error("waited in vain for " .. what)
    end
    pause(10)
  end
end

local function press(keys)
  vim.api.nvim_input(keys)
  pause(20)
end

--- Answers the question that the editor is going to ask; while it asks, nothing scheduled runs.
local function answer(keys)
  local timer = vim.loop.new_timer()
  timer:start(10, 10, function()
    local now = vim.api.nvim_get_mode()
    if now.blocking or now.mode == "c" then
      timer:stop()
      vim.api.nvim_input(keys)
    end
  end)
end

local function lines(name)
  return vim.api.nvim_buf_get_lines(vim.fn.bufnr(name), 0, -1, false)
end

--- Puts the cursor onto the first place of a pattern.
local function onto(pattern)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search(pattern, "c") > 0, pattern)
end

local function diagnostics()
  return vim.tbl_map(function(one)
    return { line = one.lnum, from = one.col, to = one.end_col, code = one.code, message = one.message }
  end, vim.diagnostic.get(vim.fn.bufnr("main.nnasm")))
end

local function floating()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= "" then
      return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
    end
  end
end

session = coroutine.create(function()
  vim.g.mapleader = " "
  vim.o.hidden = true
  vim.o.completeopt = "menuone" -- a list also of one
  vim.cmd("edit lib.nnasm")
  vim.cmd("edit main.nnasm")
  report("filetype", vim.bo.filetype)

  wait("diagnostics", function()
    return #diagnostics() > 0
  end)
  report("diagnostics", diagnostics())

  onto("adi")
  answer("1<CR>")
  press(" a")
  wait("no diagnostics", function()
    return #diagnostics() == 0
  end)
  report("fixed", vim.fn.getline("."))

  press("Go<C-u>nu.con<C-x><C-o>")
  local offered = wait("completions", function()
    local items = vim.fn.complete_info({ "items" }).items
    return #items > 0 and items
  end)
  report(
    "completions",
    vim.tbl_map(function(item)
      return item.word
    end, offered)
  )
  press("<C-y> td2, td0, td1<Esc>")
  report("completed", vim.fn.getline("."))

  onto("helper")
  press("K")
  report("hover", wait("hover", floating))

  answer("<C-u>run<CR>")
  press(" r")
  wait("rename", function()
    return vim.fn.search("run", "nwc") > 0
  end)
  report("renamed", { main = lines("main.nnasm"), lib = lines("lib.nnasm") })

  local before = lines("main.nnasm")
  press(" f")
  wait("formatting", function()
    return not vim.deep_equal(before, lines("main.nnasm"))
  end)
  report("formatted", lines("main.nnasm"))
  finish()
end)
vim.defer_fn(function()
  coroutine.resume(session)
end, 0)
